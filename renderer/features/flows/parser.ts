/** Reading a flow's text in a thread of its own; in the page where there are none. */
import type { Parsed } from './parsed.ts'
import type { ParseRequest } from './parse-worker.ts'

export interface Parser {
  readonly parse: (text: string) => Promise<Parsed>
  readonly close: () => void
}

interface Answer {
  readonly id: number
  readonly parsed: Parsed
}

const inPage = async (text: string): Promise<Parsed> => (await import('./parse.ts')).parsedOf(text)

export function createParser(): Parser {
  let worker: Worker | undefined
  let failed = typeof Worker === 'undefined'
  let last = 0
  const waiting = new Map<number, { readonly text: string; readonly resolve: (parsed: Parsed) => void }>()

  const start = (): Worker => {
    const made = new Worker(new URL('./parse-worker.ts', import.meta.url), { type: 'module' })
    made.addEventListener('message', ({ data: { id, parsed } }: MessageEvent<Answer>) => {
      waiting.get(id)?.resolve(parsed)
      waiting.delete(id)
    })
    made.addEventListener('error', (event) => {
      // Its script cannot be had: what waits is read in the page.
      event.preventDefault()
      failed = true
      for (const { text, resolve } of waiting.values()) void inPage(text).then(resolve)
      waiting.clear()
    })
    return made
  }
  return {
    parse(text) {
      if (failed) return inPage(text)
      worker ??= start()
      const id = ++last
      const request: ParseRequest = { id, text }
      const answer = new Promise<Parsed>((resolve) => waiting.set(id, { text, resolve }))
      worker.postMessage(request, {})
      return answer
    },
    close: () => worker?.terminate(),
  }
}
