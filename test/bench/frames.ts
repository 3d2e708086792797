/**
 * Frames of a page while something is done to it, and what its main thread did meanwhile: had a processor, or
 * stood in the queue for one. The second is a matter of who else runs on the machine, not of the page.
 */
import type { Browser, CDPSession, Page } from 'playwright-core'
import { mainThreadTime, processTime, type Spent } from './processor.ts'
import { percentile, type Row } from './report.ts'

export const FRAME_MS = 50
/** Frames are told to a tenth of a millisecond, and three of 60 a second take 50.1. */
const TOLERANCE_MS = 1

export interface Frames {
  /** Milliseconds between frames, sorted. */
  readonly frames: readonly number[]
  /** Milliseconds of processor time of the longest task of the page's main thread: what is the page's own. */
  readonly longestTask: number
  /** Of the page's main thread, as parts of the time. */
  readonly main: Spent
  /** Of all processes of Chromium together. */
  readonly chromium: Spent
}

export interface Shown {
  readonly browser: Browser
  readonly page: Page
}

interface Watched {
  watched?: { frames: number[]; end: () => void }
}

/** Milliseconds between looks while nothing is done. */
const IDLE_MS = 200

/** Watches for some seconds, while `act` is done over and over. */
export async function watchFrames(
  { browser, page }: Shown,
  seconds: number,
  act?: () => Promise<void>,
): Promise<Frames> {
  const pids = await processes(browser)
  const endTrace = await traceTasks(browser)
  await page.evaluate(beginWatch)
  const before = await spent(pids)
  const begin = performance.now()
  const end = begin + seconds * 1000
  while (performance.now() < end) {
    if (act) await act()
    else await page.waitForTimeout(Math.max(0, Math.min(IDLE_MS, end - performance.now())))
  }
  const frames = await page.evaluate(endWatch)
  const after = await spent(pids)
  const took = (performance.now() - begin) / 1000
  const longestTask = await endTrace()
  const part = (of: 'main' | 'chromium'): Spent => ({
    ran: (after[of].ran - before[of].ran) / took,
    waited: (after[of].waited - before[of].waited) / took,
  })
  return {
    frames: frames.sort((a, b) => a - b),
    longestTask,
    main: part('main'),
    chromium: part('chromium'),
  }
}

/** Part of the time for which Chromium has a processor while nothing is done, not even frames counted. */
export async function restOf({ browser, page }: Shown, seconds: number): Promise<number> {
  const pids = await processes(browser)
  const [before, begin] = [await spent(pids), performance.now()]
  await page.waitForTimeout(seconds * 1000)
  return (((await spent(pids)).chromium.ran - before.chromium.ran) * 1000) / (performance.now() - begin)
}

/** `target`: only where nothing but the page could be the cause of a late frame, or a target was set. */
export function frameRows(name: string, watched: Frames, hasTarget = true): Row[] {
  const { frames, longestTask, main, chromium } = watched
  const longest = frames.at(-1) ?? NaN
  const late = frames.filter((frame) => frame > FRAME_MS + TOLERANCE_MS).length
  return [
    { name: `${name}: frame, p50`, unit: 'ms', value: percentile(frames, 0.5) },
    { name: `${name}: frame, p99`, unit: 'ms', value: percentile(frames, 0.99) },
    {
      name: `${name}: frame, longest`,
      unit: 'ms',
      value: longest,
      ...(hasTarget && { target: { atMost: FRAME_MS + TOLERANCE_MS } }),
    },
    { name: `${name}: frames over ${FRAME_MS} ms of ${frames.length}`, unit: '', value: late },
    {
      name: `${name}: longest task of the page, processor time`,
      unit: 'ms',
      value: longestTask,
      ...(hasTarget && { target: { atMost: FRAME_MS } }),
    },
    { name: `${name}: main thread of the page ran`, unit: '%', value: main.ran * 100 },
    { name: `${name}: it waited for a processor`, unit: '%', value: main.waited * 100 },
    { name: `${name}: all of Chromium ran`, unit: '%', value: chromium.ran * 100 },
  ]
}

interface Pids {
  readonly all: readonly number[]
  /** Every page that is open has one of its own; one is measured at a time, and the others stand still. */
  readonly renderers: readonly number[]
}

async function processes(browser: Browser): Promise<Pids> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const pidsOf = (type?: string) =>
    processInfo.filter((one) => type === undefined || one.type === type).map(({ id }) => id)
  return { all: pidsOf(), renderers: pidsOf('renderer') }
}

async function spent({ all, renderers }: Pids): Promise<{ readonly main: Spent; readonly chromium: Spent }> {
  const [main, chromium] = await Promise.all([
    Promise.all(renderers.map(mainThreadTime)),
    Promise.all(all.map(processTime)),
  ])
  return { main: sum(main), chromium: sum(chromium) }
}

const sum = (parts: readonly Spent[]): Spent => ({
  ran: parts.reduce((total, { ran }) => total + ran, 0),
  waited: parts.reduce((total, { waited }) => total + waited, 0),
})

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of processor time. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/** Answers the function that ends it and tells the longest task of a main thread, in milliseconds of processor time. */
async function traceTasks(browser: Browser): Promise<() => Promise<number>> {
  const session = await browser.newBrowserCDPSession()
  const mainThreads = new Set<string>()
  const longest = new Map<string, number>()
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const { name, pid, tid, tdur = 0, args } of value as unknown as TraceEvent[]) {
      const thread = `${pid} ${tid}`
      if (name === 'thread_name' && args.name === 'CrRendererMain') mainThreads.add(thread)
      if (name.endsWith('RunTask')) longest.set(thread, Math.max(longest.get(thread) ?? 0, tdur))
    }
  })
  const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] }
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    await session.detach()
    return Math.max(0, ...[...mainThreads].map((thread) => longest.get(thread) ?? 0)) / 1000
  }
}

/** Both run in the page. */
function beginWatch(): void {
  const frames: number[] = []
  let last = performance.now()
  let running = true
  const next = (now: number): void => {
    if (!running) return
    frames.push(now - last)
    last = now
    requestAnimationFrame(next)
  }
  requestAnimationFrame((now) => {
    last = now
    requestAnimationFrame(next)
  })
  ;(window as unknown as Watched).watched = { frames, end: () => (running = false) }
}
function endWatch(): number[] {
  const { watched } = window as unknown as Watched
  watched?.end()
  return watched?.frames ?? []
}

/** Bytes of the page's heap that are in use when what nobody holds is gone. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send('Performance.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? NaN
}

let turns = 0
/** A turn of the wheel over what is under the pointer, down for a while, then up again. */
export async function wheel(page: Page, pixels = 400): Promise<void> {
  await page.mouse.wheel(0, Math.floor(turns++ / 60) % 2 === 0 ? pixels : -pixels)
  await page.waitForTimeout(WHEEL_MS)
}
const WHEEL_MS = 30
