/** When what was changed now is on the screen. */

/** A window that nobody sees paints nothing, and is kept current at this pace, in milliseconds. */
const UNSEEN_MS = 250

/** Calls back after the next frame was painted. */
export function whenShown(then: () => void): void {
  let done = false
  const once = () => {
    if (done) return
    done = true
    clearTimeout(unseen)
    then()
  }
  const unseen = setTimeout(once, UNSEEN_MS)
  // The frame is painted when its callbacks have run; the next task comes after that.
  requestAnimationFrame(() => setTimeout(once))
}
