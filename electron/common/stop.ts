/** Ending in order: each step after the other, one that fails or hangs does not keep the next from its turn. */

export interface Step {
  readonly name: string
  run(): void | Promise<void>
}

/** Milliseconds for all steps together. */
export const STOP_LIMIT = 5000

/** Answers true when every step ended well and in time. Never rejects. */
export async function stopInOrder(
  steps: readonly Step[],
  log: (text: string, error?: unknown) => void,
  limit: number = STOP_LIMIT,
): Promise<boolean> {
  let current = ''
  let clean = true
  const runAll = async (): Promise<void> => {
    for (const step of steps) {
      current = step.name
      try {
        await step.run()
      } catch (error) {
        clean = false
        log(`Stopping: ${step.name} failed`, error)
      }
    }
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limit)
  })
  const outcome = await Promise.race([runAll(), late])
  clearTimeout(timer)
  if (outcome === 'late') log(`Stopping: ${current} did not end within ${limit} ms; it is left behind`)
  return clean && outcome !== 'late'
}
