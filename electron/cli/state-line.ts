/** What a command that goes on says of itself. */

/** One line of state: written over itself on a terminal, a new line at each change elsewhere. */
export class StateLine {
  #last = ''

  show(text: string): void {
    if (text === this.#last) return
    this.#last = text
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${text}` : `${text}\n`)
  }

  end(text: string): void {
    this.show(text)
    if (process.stdout.isTTY) process.stdout.write('\n')
  }
}
