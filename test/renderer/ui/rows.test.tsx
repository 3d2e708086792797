// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Rows } from '../../../renderer/ui/rows.tsx'
import '../app/screen.ts'

const ROW = 20
const TOTAL = 1000
const REST_MS = 250

let root: Root
let container: HTMLElement
beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(10 * ROW)
  container = document.body.appendChild(document.createElement('div'))
  root = createRoot(container)
})
afterEach(() => {
  act(() => root.unmount())
  container.remove()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const show = (top: number, total = TOTAL) =>
  act(() =>
    root.render(
      <Rows
        total={total}
        rowHeight={ROW}
        top={top}
        onTop={() => undefined}
        onViewport={() => undefined}
        row={(index) => <b data-index={index}>{index}</b>}
      />,
    ),
  )
const places = () => [...container.querySelectorAll<HTMLElement>('.rows-place')]
const indexOf = (place: HTMLElement) => Number(place.querySelector('b')?.dataset['index'])
const inDocument = () => places().map(indexOf)
const onScreen = () =>
  places()
    .sort((a, b) => Number(a.style.order) - Number(b.style.order))
    .map(indexOf)
const run = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

test('while a list is scrolled its elements stay where they are, and are seen in their order', () => {
  show(100)
  act(() => vi.advanceTimersByTime(REST_MS))
  const before = new Map(places().map((place) => [indexOf(place), place]))
  const moved: Node[] = []
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records)
      moved.push(...[...addedNodes].filter((node) => node instanceof HTMLElement))
  })
  observer.observe(container, { childList: true, subtree: true })
  for (const top of [103, 110, 117]) show(top)
  expect(onScreen()).toEqual(run(111, 134))
  for (const place of places()) {
    const index = indexOf(place)
    if (before.has(index)) expect(before.get(index)).toBe(place)
  }
  moved.push(...observer.takeRecords().flatMap(({ addedNodes }) => [...addedNodes]))
  expect(moved).toEqual([])
  expect(inDocument()).not.toEqual(onScreen())
})

test('once it stands still, they stand in the document in their order', () => {
  show(100)
  for (const top of [103, 110, 117]) show(top)
  act(() => vi.advanceTimersByTime(REST_MS))
  expect(inDocument()).toEqual(run(111, 134))
  expect(onScreen()).toEqual(inDocument())
})

test('both ends of a list are shown whole', () => {
  show(0)
  expect(onScreen()).toEqual(run(0, 17))
  show(TOTAL)
  expect(onScreen()).toEqual(run(TOTAL - 16, TOTAL))
  show(0, 3)
  expect(onScreen()).toEqual(run(0, 3))
  show(0, 0)
  expect(onScreen()).toEqual([])
})

test('a list that is kept at its end makes no element, however many rows come', () => {
  const atEnd = (total: number) => show(total, total)
  for (let total = TOTAL; total < TOTAL + 30; total += 3) atEnd(total)
  act(() => vi.advanceTimersByTime(REST_MS))
  const before = new Set(places())
  // More steps than it takes to get its whole length.
  for (let total = TOTAL + 30; total < TOTAL + 100; total += 3) {
    atEnd(total)
    expect(onScreen()).toEqual(run(total - 10, total))
    expect(places().filter((place) => !before.has(place))).toEqual([])
  }
})
