// Reads calendars as Thunderbird and Nextcloud do: one JSON list of file names in, one list of what each holds out.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

ICAL.design.strict = true;
const names = JSON.parse(readFileSync(0, "utf8"));

function read(name) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(name, "utf8")));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component, { strictExceptions: true });
    const { startDate: start, endDate: end } = event;
    return {
      uid: event.uid,
      start: start.toUnixTime(),
      end: end.toUnixTime(),
      floating: start.zone === ICAL.Timezone.localTimezone || end.zone === ICAL.Timezone.localTimezone,
      summary: event.summary,
      sequence: event.sequence,
      status: component.getFirstPropertyValue("status"),
    };
  });
}

const found = names.map((name) => {
  try {
    return { events: read(name) };
  } catch (error) {
    return { error: String(error) };
  }
});
process.stdout.write(JSON.stringify(found));
