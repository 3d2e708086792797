/** Reads flows beside the page: a flow of 2,000 steps takes about a second. */
import { parsedOf } from './parse.ts'

export interface ParseRequest {
  readonly id: number
  readonly text: string
}

self.addEventListener('message', ({ data: { id, text } }: MessageEvent<ParseRequest>) => {
  self.postMessage({ id, parsed: parsedOf(text) }, {})
})
