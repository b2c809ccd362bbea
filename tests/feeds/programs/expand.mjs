// Expands series as Thunderbird and Nextcloud do: a JSON list of {calendar, start, end} in (seconds), stretches out.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
const MOST = 5000;

function stretches({ calendar, start, end }) {
  const whole = new ICAL.Component(ICAL.parse(calendar));
  const byUid = new Map();
  for (const component of whole.getAllSubcomponents("vevent")) {
    const uid = component.getFirstPropertyValue("uid");
    byUid.set(uid, [...(byUid.get(uid) ?? []), component]);
  }
  const found = [];
  for (const components of byUid.values()) {
    const exceptions = components.filter((c) => c.hasProperty("recurrence-id"));
    const master = components.find((c) => !c.hasProperty("recurrence-id"));
    const event = new ICAL.Event(master, { exceptions });
    const starts = event.iterator();
    for (let next = starts.next(), n = 0; next && n < MOST; next = starts.next(), n++) {
      if (next.toUnixTime() > end + 40 * 86400) break;
      const { startDate, endDate, item } = event.getOccurrenceDetails(next);
      const off = item.component.getFirstPropertyValue("status") === "CANCELLED";
      if (!off && endDate.toUnixTime() > start && startDate.toUnixTime() < end) {
        found.push([startDate.toUnixTime(), endDate.toUnixTime()]);
      }
    }
  }
  return found;
}

process.stdout.write(JSON.stringify(asked.map(stretches)));
