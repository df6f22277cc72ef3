// The media library: files go up one by one, each with its progress; without script the form sends them all at once.
const TOO_LARGE = 413

function line(list, name) {
  const row = list.appendChild(document.createElement("li"))
  row.appendChild(document.createElement("span")).textContent = name
  const bar = row.appendChild(document.createElement("progress"))
  bar.max = 1
  bar.value = 0
  bar.setAttribute("aria-label", name)
  return row
}

function fail(row, message) {
  row.querySelector("progress")?.remove()
  const words = row.appendChild(document.createElement("span"))
  words.className = "j-error"
  words.textContent = message
}

function complaint(request, texts) {
  if (request.status === TOO_LARGE) return texts.tooLarge
  try {
    return JSON.parse(request.responseText).message ?? texts.broken
  } catch {
    return texts.broken
  }
}

function send(form, file, row) {
  const texts = form.dataset
  const body = new FormData()
  body.append("folder", form.elements.folder.value)
  body.append("file", file)
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open("POST", texts.mediaUpload)
    request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value)
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      row.querySelector("progress").value = loaded / total
    })
    request.addEventListener("loadend", () => {
      const kept = request.status === 201
      if (kept) row.querySelector("progress").replaceWith(texts.done)
      else fail(row, complaint(request, texts))
      resolve(kept)
    })
    request.send(body)
  })
}

async function sendAll(form) {
  const list = form.querySelector("[data-progress]")
  const button = form.querySelector("[type=submit]")
  const rows = [...form.elements.file.files].map((file) => [file, line(list, file.name)])
  list.hidden = false
  button.disabled = true
  let refused = 0
  for (const [file, row] of rows) {
    if (file.size > Number(form.dataset.largest)) {
      fail(row, form.dataset.tooLarge)
      refused += 1
    } else if (!(await send(form, file, row))) refused += 1
  }
  if (!refused) return location.reload()
  button.disabled = false
  form.elements.file.value = ""
}

const form = document.querySelector("[data-media-upload]")
form?.addEventListener("submit", (event) => {
  event.preventDefault()
  event.stopImmediatePropagation()
  sendAll(form)
}, true)
