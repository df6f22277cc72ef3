// What comes from Word or WPS: lists are made of paragraphs with styles there, and everything carries the program's marks.
const LIST = /mso-list:\s*l?(\S+)\s+level(\d+)/i
const NUMBER = /^[\s(（]*(?:\d+|[a-zA-Z]|[ivxIVX]+|[一二三四五六七八九十]+)\s*[.)、．）]/

// Returns HTML of pasted HTML, with its meaning and without its looks.
export function tidyPasted(html) {
  const page = new DOMParser().parseFromString(html.replace(/<!\[(?:if|endif)[^>]*>/gi, ""), "text/html")
  dropComments(page)
  for (const element of page.querySelectorAll("style, script, meta, link, title, xml")) element.remove()
  for (const element of [...page.body.querySelectorAll("*")]) if (element.localName.includes(":")) element.replaceWith(...element.childNodes)
  keepEmphasis(page)
  makeLists(page)
  for (const heading of page.body.querySelectorAll("h1, h5, h6")) lowerHeading(page, heading)
  for (const picture of page.querySelectorAll("img")) takeOwn(picture)
  for (const element of page.body.querySelectorAll("*")) dropMarks(element)
  for (const element of [...page.body.querySelectorAll("span, font")].reverse()) element.replaceWith(...element.childNodes)
  for (const cell of page.querySelectorAll("td, th")) tidyCell(cell)
  for (const paragraph of page.querySelectorAll("p")) if (!paragraph.textContent.trim() && !paragraph.querySelector("img")) paragraph.remove()
  return page.body.innerHTML
}

// Says whether pasted HTML has pictures that are not the site's own: a browser may not fetch those of Word or other sites.
export const leftOut = (html) => /<img\b(?![^>]*\ssrc="\/media\/)/.test(html)

// A picture copied from a page of this site has its whole address.
function takeOwn(picture) {
  const address = picture.getAttribute("src") || ""
  if (address.startsWith(`${location.origin}/media/`)) picture.setAttribute("src", new URL(address).pathname)
}

function dropComments(page) {
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT)
  const found = []
  while (walker.nextNode()) found.push(walker.currentNode)
  for (const comment of found) comment.remove()
}

// The list's own bullet or number is a piece of text there.
function makeLists(page) {
  let open = []
  let before = null
  for (const paragraph of [...page.body.querySelectorAll("p, h1, h2, h3, h4, li, table, div")]) {
    const said = LIST.exec(paragraph.getAttribute("style") || "")
    const classed = /MsoListParagraph/i.test(paragraph.className)
    if (paragraph.localName !== "p" || !said) {
      if (!classed) open = []
      continue
    }
    if (before !== paragraph.previousElementSibling) open = []
    const level = Math.min(Number(said[2]), open.length + 1)
    const marker = takeMarker(paragraph)
    const kind = NUMBER.test(marker) ? "ol" : "ul"
    open.length = Math.min(open.length, level)
    if (open.length === level && open[level - 1].localName !== kind && level === 1) open = []
    if (open.length < level) {
      const list = page.createElement(kind)
      const parent = open[level - 2]?.lastElementChild
      if (parent) parent.append(list)
      else paragraph.before(list)
      open.push(list)
    }
    const entry = page.createElement("li")
    const words = page.createElement("p")
    words.append(...paragraph.childNodes)
    entry.append(words)
    open[level - 1].append(entry)
    paragraph.remove()
    before = open[0]
  }
}

function takeMarker(paragraph) {
  for (const span of paragraph.querySelectorAll("span")) {
    if (/mso-list:\s*ignore/i.test(span.getAttribute("style") || "")) {
      const text = span.textContent.trim()
      span.remove()
      return text
    }
  }
  return ""
}

// Word and WPS say much by style as well as by tag; the same as the server knows (core/content/markup/flow.py).
const STYLES = [
  ["strong", /font-weight:\s*(bold|[6-9]00)/i],
  ["em", /font-style:\s*italic/i],
  ["u", /text-decoration(-line)?:[^;]*underline/i],
  ["s", /text-decoration(-line)?:[^;]*line-through/i],
  ["sup", /vertical-align:\s*super/i],
  ["sub", /vertical-align:\s*sub\b/i],
]

function keepEmphasis(page) {
  for (const element of [...page.body.querySelectorAll("span[style]")]) {
    const style = element.getAttribute("style")
    for (const [name, said] of STYLES) if (said.test(style)) wrap(page, element, name)
  }
}

// The page has a heading of the first level already; a text needs no more than three.
const HEADINGS = { h1: "h2", h5: "h4", h6: "h4" }

function lowerHeading(page, heading) {
  const lower = page.createElement(HEADINGS[heading.localName])
  lower.append(...heading.childNodes)
  heading.replaceWith(lower)
}

function wrap(page, element, name) {
  const mark = page.createElement(name)
  mark.append(...element.childNodes)
  element.append(mark)
}

const KEPT = new Set(["href", "src", "alt", "colspan", "rowspan", "title", "start", "scope"])

function dropMarks(element) {
  for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name)
}

// Cells keep what they span; one that spans nothing says nothing.
function tidyCell(cell) {
  for (const name of ["colspan", "rowspan"]) if (cell.getAttribute(name) === "1") cell.removeAttribute(name)
}
