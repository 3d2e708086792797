/** Where an export goes, in pieces. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

export interface Sink {
  /** A promise where the other side takes no more for now. */
  write(bytes: Uint8Array): void | Promise<void>
}

/** A file that appears under its name when it is whole. */
export class FileSink implements Sink {
  readonly #path: string
  readonly #file: number
  #size = 0

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(`${path}.part`, 'w', 0o600)
  }

  get size(): number {
    return this.#size
  }

  write(bytes: Uint8Array): void {
    this.patch(this.#size, bytes)
    this.#size += bytes.length
  }

  /** Writes over what stands at `position`. */
  patch(position: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#file, bytes, at, bytes.length - at, position + at)
    }
  }

  /** The file is whole. */
  finish(): void {
    closeSync(this.#file)
    renameSync(`${this.#path}.part`, this.#path)
  }

  /** Nothing remains of it. */
  discard(): void {
    closeSync(this.#file)
    rmSync(`${this.#path}.part`, { force: true })
  }
}
