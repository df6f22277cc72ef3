// Keeps what is typed while it is typed, and lets nothing be sent that would be lost on the way.
import { ask, later } from "./writing-send.js"

const PAUSE = 2000
const AGAIN = 15000

export function startKeeping(form) {
  const said = form.querySelector("[data-kept]")
  const texts = JSON.parse(form.dataset.texts)
  let changed = false
  let sending = null

  const say = (text) => {
    said.textContent = text
  }
  const send = (keepalive = false) =>
    ask(form.dataset.desk, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive })
  const keepNow = async () => {
    changed = false
    say(texts.saving)
    let answer = await send()
    if (!answer && (await renew(form))) answer = await send()
    if (answer?.ok) say(`${texts.saved}${answer.saved}`)
    else if (answer) say(answer.message)
    else {
      changed = true
      say(navigator.onLine ? texts.signedOut : texts.offline)
      if (navigator.onLine) offerSignIn(form, said, texts)
      setTimeout(soon, AGAIN)
    }
    return Boolean(answer)
  }
  // One at a time: an older text that arrives later would stand over the newer one, or come back after it was saved.
  const keep = async () => {
    await sending
    if (!changed) return true
    sending = keepNow()
    return sending
  }
  const soon = later(PAUSE, keep)
  form.addEventListener("input", () => {
    changed = true
    if (!form.dataset.leaving) soon()
  })
  form.addEventListener("change", () => {
    changed = true
    if (!form.dataset.leaving) soon()
  })
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && changed && !form.dataset.leaving) send(true)
  })
  guard(form, async () => {
    changed = true
    return keep()
  })
}

// Before the form goes, its text is kept: were the session over, the answer would be a sign-in page and the text gone.
function guard(form, keep) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.leaving) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const { submitter } = event
    if (!(await keep())) return
    form.dataset.leaving = "yes"
    form.requestSubmit(submitter)
  }, true)
  addEventListener("pageshow", () => delete form.dataset.leaving)
}

// Somebody who has signed in again in another window goes on here with the new session.
async function renew(form) {
  const answer = await ask(form.dataset.desk)
  if (!answer?.ok) return false
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = answer.csrf_token
  return true
}

function offerSignIn(form, said, texts) {
  const link = document.createElement("a")
  link.href = form.dataset.signIn
  link.target = "_blank"
  link.textContent = texts.signIn
  said.append(" ", link)
}
