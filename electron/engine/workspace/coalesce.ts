/**
 * Work that looks at what is there now: wishes that come while it goes on are fulfilled together by doing it once
 * more, and all wait for that. Rejects as the work does.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let again = false
  const all = async (): Promise<void> => {
    try {
      do {
        again = false
        await work()
      } while (again)
    } finally {
      // At once: a wish between the last look and this would be lost.
      running = undefined
    }
  }
  return () => {
    again = true
    return (running ??= all())
  }
}
