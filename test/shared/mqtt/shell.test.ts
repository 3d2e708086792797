import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteArgument, printfFormat, quote, textArgument } from '../../../shared/mqtt/shell.ts'

const run = (command: string): Buffer => execFileSync('/bin/sh', ['-c', command])

/** What a program gets as its arguments, from one shell for all. */
function argumentsOf(words: readonly string[]): Buffer[] {
  const out = run(`printf '%s\\000' ${words.join(' ')}`)
  const found: Buffer[] = []
  for (let at = 0; at < out.length;) {
    const end = out.indexOf(0, at)
    found.push(out.subarray(at, end))
    at = end + 1
  }
  return found
}

describe.skipIf(process.platform === 'win32')('a real shell gives back', () => {
  test('texts', () => {
    const any = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed())
    const nasty = fc.string({
      unit: fc.constantFrom(...`'"\\$\`!*?~#;&|<>(){}[] \n\t\r%-=a\u0007\u001b\u200e`),
    })
    fc.assert(
      fc.property(fc.array(fc.oneof(any, nasty), { minLength: 1, maxLength: 50 }), (texts) => {
        expect(argumentsOf(texts.map(textArgument)).map(String)).toEqual(texts)
        expect(argumentsOf(texts.map(quote)).map(String)).toEqual(texts)
      }),
      { numRuns: 30 },
    )
  })

  test('bytes, as an argument where that can be', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 50 }), (all) => {
        const able = all.filter((bytes) => byteArgument(bytes) !== undefined)
        for (const bytes of all) {
          if (!able.includes(bytes)) expect(bytes.includes(0) || bytes.at(-1) === 0x0a).toBe(true)
        }
        if (able.length === 0) return
        const seen = argumentsOf(able.map((bytes) => byteArgument(bytes) ?? ''))
        expect(seen.map((bytes) => bytes.toString('hex'))).toEqual(
          able.map((bytes) => Buffer.from(bytes).toString('hex')),
        )
      }),
      { numRuns: 30 },
    )
  })

  test('any bytes, as a format of printf', () => {
    const all = Uint8Array.from({ length: 512 }, (_, index) => index)
    expect(run(`printf ${printfFormat(all)}`).equals(Buffer.from(all))).toBe(true)
    const option = Buffer.from('-v %s \\101')
    expect(run(`printf ${printfFormat(option)}`).equals(option)).toBe(true)
  })
})

test('plain words stay plain, and nothing is left for a terminal to act on', () => {
  expect(quote('controller/os::00256D-1')).toBe('controller/os::00256D-1')
  expect(quote('')).toBe("''")
  expect(quote("it's $HOME")).toBe(String.raw`'it'\''s $HOME'`)
  expect(textArgument('a\u001b[2Jb!')).toBe(String.raw`"$(printf 'a\033\1332Jb\041')"`)
})
