/** How times are written: in the person's zone, ages in words, the UTC instant for the record. */

import { text } from '.';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How often ages on the screen are written anew, in milliseconds. */
export const tickAfter = 5 * SECOND;

const dayTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hour12: false });

/**
 * An age ("26 h") or, for an instant to come, a distance ("in 3 h"). Bare leaves "ago" and "in" away. Beyond
 * thirty days the date says more than the number of days.
 */
export function relative(at: string, now: number, bare = false): string {
  const then = Date.parse(at);
  if (Number.isNaN(then)) return at;
  const distance = Math.abs(now - then);
  if (distance > 30 * DAY) return day.format(then);
  const span = duration(distance);
  if (bare) return span;
  if (distance < 45 * SECOND) return text.time.now;
  return then <= now ? text.time.ago(span) : text.time.ahead(span);
}

/** A length of time with its one telling unit, or two below an hour's worth of seconds. */
export function duration(ms: number): string {
  if (ms < MINUTE) return text.time.seconds(Math.max(0, Math.floor(ms / SECOND)));
  if (ms < 90 * MINUTE) return text.time.minutes(Math.floor(ms / MINUTE));
  if (ms < 48 * HOUR) return text.time.hours(Math.floor(ms / HOUR));
  return text.time.days(Math.floor(ms / DAY));
}

/** Local time in full, then the UTC instant. */
export function exact(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : `${full.format(then)}\n${new Date(then).toISOString()} UTC`;
}

export function dateTime(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : dayTime.format(then);
}

export function date(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : day.format(then);
}

export function clockTime(at: string): string {
  const then = Date.parse(at);
  return Number.isNaN(then) ? at : clock.format(then);
}

export function clockSeconds(ms: number): string {
  return seconds.format(ms);
}

/** The zone of this machine, by its IANA name. */
export const zoneHere = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Day, date and time on the wall clock of a zone; the UTC instant where there is no such zone. */
export function onClockOf(zone: string, at: string): string {
  try {
    return new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone }).format(Date.parse(at));
  } catch {
    return at;
  }
}

const whole = new Intl.NumberFormat();

export function number(value: number | bigint): string {
  return whole.format(value);
}

/** What a `datetime-local` field holds, as an instant; null when it holds nothing. */
export function fromLocal(value: string): string | null {
  const then = value ? new Date(value).getTime() : Number.NaN;
  return Number.isNaN(then) ? null : new Date(then).toISOString();
}

/** An instant as a `datetime-local` field wants it: local time without a zone. */
export function toLocal(at: string | null): string {
  const then = at ? new Date(at) : null;
  if (!then || Number.isNaN(then.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}T${two(then.getHours())}:${two(then.getMinutes())}`;
}
