/**
 * The time by which messages, sessions and wills live: the system's when the process began, and from then on a clock
 * that only rises. Who sets the clock of the machine, by hand or by NTP, ends no session and sends no will.
 */
const origin = Date.now() - performance.now()

/** Milliseconds since 1970. */
export const clockNow = (): number => Math.floor(origin + performance.now())
