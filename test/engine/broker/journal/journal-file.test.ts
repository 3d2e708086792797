/** The journal on disk while it is made anew: nothing waits for that, and whatever is left of it is whole. */
import { decodeMulti, encode } from '@msgpack/msgpack'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HEADER_BYTES, unframe } from '../../../../electron/engine/broker/journal/frames.ts'
import { JournalFile } from '../../../../electron/engine/broker/journal/journal-file.ts'

let folder: string
let path: string
let problems: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-journal-file-'))
  path = join(folder, 'journal')
  problems = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A state that is nothing but all the numbers that were added to it. */
class Numbers {
  readonly all: number[] = []
  readonly file: JournalFile
  /** Entries of the snapshots that were asked for. */
  made = 0

  constructor(compactBytes: number, fill = 0) {
    for (let i = 0; i < fill; i++) this.all.push(i)
    this.file = new JournalFile({
      path,
      syncEach: false,
      compactBytes,
      snapshot: () => this.#entries([...this.all]),
      onProblem: (text) => problems.push(text),
    })
  }

  add(): void {
    this.all.push(this.all.length)
    this.file.append(encode(this.all.length - 1))
  }

  /** Resolves when all that was added is kept. */
  kept(): Promise<void> {
    return new Promise((resolve) => this.file.whenWritten(this.file.position, resolve))
  }

  *#entries(all: readonly number[]): Generator<Uint8Array> {
    for (const number of all) {
      this.made += 1
      yield encode(number)
    }
  }
}

const numbersIn = (bytes: Buffer): unknown[] =>
  unframe(bytes.subarray(HEADER_BYTES)).bodies.flatMap((body) => [...decodeMulti(body)])
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what changes is kept while a large state is written, long before that is done', async () => {
  const state = new Numbers(1 << 30, 400_000)
  await state.file.compact()
  const { ino } = await stat(path)
  const already = state.made
  const compacted = state.file.compact()
  let kept = 0
  while (state.made < already + 350_000) {
    state.add()
    await state.kept()
    if ((await stat(path)).ino === ino) kept += 1
  }
  expect(kept).toBeGreaterThan(10)
  await compacted
  expect((await stat(path)).ino).not.toBe(ino)
  const { length } = state.all
  expect(numbersIn(await readFile(path)).length).toBe(length)
  await state.file.close()
})

test('no turn of the event loop is long for it', async () => {
  const state = new Numbers(1 << 30, 200_000)
  await state.file.compact()
  let turns = 0
  let next: NodeJS.Immediate | undefined
  const count = (): void => {
    turns += 1
    next = setImmediate(count)
  }
  count()
  await state.file.compact()
  clearImmediate(next)
  // A slice is 4 ms at most, and the whole takes far longer on any machine.
  expect(turns).toBeGreaterThan(5)
  await state.file.close()
})

test('closed in the middle of it, the file in use holds everything', async () => {
  const state = new Numbers(1 << 30, 200_000)
  await state.file.compact()
  void state.file.compact()
  while (state.made < 210_000) await turn()
  state.add()
  await state.file.close()
  expect(numbersIn(await readFile(path))).toEqual(upTo(200_001))
  expect(await readdir(folder)).toEqual(['journal'])
})

test('when it cannot be made anew it goes on growing, and that is said once', async () => {
  const state = new Numbers(1 << 30, 3)
  await state.file.compact()
  // No file can be made where a folder with something in it stands.
  await mkdir(`${path}.new/full`, { recursive: true })
  await state.file.compact()
  state.add()
  await state.kept()
  await state.file.compact()
  expect(problems).toEqual([expect.stringContaining('goes on growing')])
  expect(numbersIn(await readFile(path))).toEqual(upTo(4))
  await state.file.close()
})

test('at any moment, cut at any byte: what stands there is what came first, each once and in order', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant('add' as const) },
    { weight: 2, arbitrary: fc.constantFrom('turn' as const, 'kept' as const) },
    { weight: 1, arbitrary: fc.constant('look' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), fc.nat(), async (steps, cut) => {
      const state = new Numbers(64)
      await state.file.compact()
      let known = 0
      for (const one of steps) {
        if (one === 'add') state.add()
        else if (one === 'turn') await turn()
        else if (one === 'kept') {
          const { length } = state.all
          await state.kept()
          known = length
        } else {
          const least = known
          const bytes = await readFile(path)
          const whole = numbersIn(bytes)
          expect(whole).toEqual(upTo(whole.length))
          expect(whole.length).toBeGreaterThanOrEqual(least)
          const torn = numbersIn(bytes.subarray(0, HEADER_BYTES + (cut % bytes.length)))
          expect(torn).toEqual(upTo(torn.length))
        }
      }
      await state.file.close()
      expect(numbersIn(await readFile(path))).toEqual(state.all)
      expect(await readdir(folder)).toEqual(['journal'])
      expect(problems).toEqual([])
      await rm(path)
    }),
    { numRuns: 100, endOnFailure: true },
  )
})
