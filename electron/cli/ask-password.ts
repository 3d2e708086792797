/** Asks for a password: on a terminal without showing it, else as the first line of the standard input. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Empty when the input ends before a line. */
export function askPassword(question: string): Promise<string> {
  const { stdin } = process
  if (stdin.isTTY) process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY })
  return new Promise((resolve) => {
    let answer = ''
    lines.once('line', (line) => {
      answer = line
      lines.close()
    })
    lines.once('close', () => {
      if (stdin.isTTY) process.stderr.write('\n')
      resolve(answer)
    })
  })
}
