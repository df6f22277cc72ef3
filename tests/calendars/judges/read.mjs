// Reads an iCalendar file from the standard input with the reader that is named, and prints its entries as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import nodeICal from "node-ical";

const text = readFileSync(0, "utf-8");

function icaljs() {
  ICAL.design.strict = true;
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  }
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const value = (name) => component.getFirstPropertyValue(name) ?? "";
    return {
      uid: event.uid,
      summary: value("summary"),
      description: value("description"),
      location: value("location"),
      category: value("categories"),
      status: value("status"),
      sequence: event.sequence,
      all_day: event.startDate.isDate,
      start: event.startDate.isDate ? event.startDate.toString() : event.startDate.toJSDate().toISOString(),
      end: event.endDate.isDate ? event.endDate.toString() : event.endDate.toJSDate().toISOString(),
    };
  });
}

// A date is read as midnight where the process runs: TZ must be UTC.
function nodeical() {
  const moment = (value, isDate) => (isDate ? value.toISOString().slice(0, 10) : value.toISOString());
  const entries = Object.values(nodeICal.sync.parseICS(text)).filter((entry) => entry.type === "VEVENT");
  return entries.map((event) => ({
    uid: event.uid,
    summary: event.summary ?? "",
    description: event.description ?? "",
    location: event.location ?? "",
    category: (event.categories ?? []).join(","),
    status: event.status,
    sequence: Number(event.sequence),
    all_day: event.datetype === "date",
    start: moment(event.start, event.datetype === "date"),
    end: moment(event.end, event.datetype === "date"),
  }));
}

console.log(JSON.stringify({ "ical.js": icaljs, "node-ical": nodeical }[process.argv[2]]()));
