// Talking with the site while somebody writes.
export class Refused extends Error {}

export const secret = () => document.querySelector("input[name=csrf_token]").value

// Returns the JSON at an address; null when the site does not answer with any (signed out, no connection).
export async function ask(address, options = {}) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json", ...options.headers }, ...options })
    if (answer.redirected || !(answer.headers.get("Content-Type") || "").includes("json")) return null
    return { ok: answer.ok, status: answer.status, ...(await answer.json()) }
  } catch {
    return null
  }
}

// Sends a file to the library and returns what the library says of it.
export async function sendFile(address, file, texts) {
  const body = new FormData()
  body.append("file", file, file.name || "picture.png")
  const answer = await ask(address, { method: "POST", body, headers: { "X-CSRFToken": secret(), Accept: "application/json" } })
  if (!answer?.ok) throw new Refused(answer?.message || texts.failed)
  return answer
}

// Calls a function once nothing has happened for a while.
export function later(milliseconds, act) {
  let timer
  return (...given) => {
    clearTimeout(timer)
    timer = setTimeout(() => act(...given), milliseconds)
  }
}

export const bare = (address) => address.split("?")[0]
