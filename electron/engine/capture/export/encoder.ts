/** From rows to the bytes of a format, one row at a time. */
export interface Encoder {
  add(no: number): void
  /** What was made since the last call. */
  take(): Uint8Array
}

const utf8 = new TextEncoder()

/** A format of lines. */
export abstract class LineEncoder implements Encoder {
  #lines: string[] = []

  abstract add(no: number): void

  protected put(line: string): void {
    this.#lines.push(line)
  }

  take(): Uint8Array {
    const bytes = utf8.encode(this.#lines.join(''))
    this.#lines = []
    return bytes
  }
}
