/**
 * `npm run bench -- ui [--seconds=N] [--rate=N]`: the Packets view in Chromium while packets arrive at `rate` a
 * second, N seconds in all: following the end, with a filter, and scrolled through; then at more than that, and an
 * empty page beside the same load, which shows what the machine leaves to any page. Then long lists, typing, and
 * every view opened many times (`ui lists`, `ui views` for these alone, `ui packets` for the first).
 */
import type { Page } from 'playwright-core'
import { openPage, startBrowser } from '../support/browser.ts'
import { tool } from '../support/tools.ts'
import { frameRows, heapOf, restOf, watchFrames, wheel, type Frames, type Shown } from './frames.ts'
import { startProduct } from './product.ts'
import { printRows, say, type Row } from './report.ts'
import { listsBench } from './ui-lists.ts'
import { startPacketLoad, type PacketLoad } from './ui-load.ts'
import { viewsBench } from './ui-views.ts'

const MIB = 2 ** 20
/** A harder load, as a multiple of the rate. */
const HARDER = 1.55
const SETTLE_MS = 3000
const IDLE_SECONDS = 3
const BESIDE_SECONDS = 10

const parts: Readonly<Record<string, (options: ReadonlyMap<string, number>) => Promise<void>>> = {
  packets: packetsBench,
  lists: listsBench,
  views: viewsBench,
}

export async function uiBench(options: ReadonlyMap<string, number>, words: readonly string[]): Promise<void> {
  if (tool('chromium') === undefined) return say('The ui part needs Chromium (Debian package chromium)')
  for (const [name, part] of Object.entries(parts))
    if (words.length === 0 || words.includes(name)) await part(options)
}

async function packetsBench(options: ReadonlyMap<string, number>): Promise<void> {
  const seconds = options.get('seconds') ?? 60
  const rate = options.get('rate') ?? 20_000
  const product = await startProduct()
  const browser = await startBrowser()
  let load: PacketLoad | undefined
  try {
    const [page] = await openPage(browser, product.url, 1920, 1080)
    const shown: Shown = { browser, page }
    const session = await page.context().newCDPSession(page)
    await openPlace(page, 'Packets')
    let arrived = 0
    product.host.on('capture', ({ rows }) => (arrived = rows))
    const rows = (): number => arrived
    await page.waitForTimeout(SETTLE_MS)
    const rest = await restOf(shown, IDLE_SECONDS)
    const idle = await watchFrames(shown, IDLE_SECONDS)

    const blank = await browser.newPage()
    await openPlace(page, 'Settings')
    load = await startPacketLoad(product.port, rate, rows)
    say('an empty page beside the load')
    await page.waitForTimeout(SETTLE_MS)
    const empty = await watchFrames({ browser, page: blank }, BESIDE_SECONDS)
    await blank.close()
    await openPlace(page, 'Packets')
    await page.waitForTimeout(SETTLE_MS)
    const before = { heap: await heapOf(session), memory: await product.memory() }
    const begin = { at: performance.now(), rows: rows() }
    const three = await threeWays(shown, seconds / 3)
    const came = (rows() - begin.rows) / ((performance.now() - begin.at) / 1000)
    const after = { heap: await heapOf(session), memory: await product.memory() }
    load.stop()

    const more = Math.round(rate * HARDER)
    say(`${more.toLocaleString('en')} packets/s`)
    load = await startPacketLoad(product.port, more, rows)
    await page.keyboard.press('End')
    await page.waitForTimeout(SETTLE_MS)
    const harder = { at: performance.now(), rows: rows() }
    const hard = await watchFrames(shown, BESIDE_SECONDS)
    const cameThen = (rows() - harder.rows) / ((performance.now() - harder.at) / 1000)
    load.stop()

    printRows(`User interface, ${seconds} s, 1920 × 1080`, [
      { name: 'packets arriving', unit: '1/s', value: came, target: { atLeast: rate * 0.95 } },
      { name: 'nothing arriving: all of Chromium ran', unit: '%', value: rest * 100, target: { atMost: 2 } },
      ...frameRows('no load', idle),
      ...frameRows('an empty page beside the load', empty, false),
      ...three.flatMap(([name, watched]) => frameRows(name, watched)),
      growth('heap of the page', after.heap, before.heap),
      growth('memory of the bench', after.memory, before.memory),
      { name: 'packets arriving, harder', unit: '1/s', value: cameThen },
      ...frameRows('harder, following the end', hard, false),
    ])
  } finally {
    load?.stop()
    await browser.close()
    await product.stop()
  }
}

const openPlace = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click()

async function threeWays(
  shown: Shown,
  seconds: number,
): Promise<readonly (readonly [name: string, watched: Frames])[]> {
  const { page } = shown
  say('following the end')
  const tail = await watchFrames(shown, seconds)
  say('with a filter')
  await page.getByPlaceholder(/^Filter/).fill('usp.type == GET_RESP')
  const filtered = await watchFrames(shown, seconds)
  say('scrolling')
  await page.getByPlaceholder(/^Filter/).fill('')
  await page.getByRole('grid').first().hover()
  const scrolled = await watchFrames(shown, seconds, () => wheel(page))
  return [
    ['following the end', tail],
    ['with a filter', filtered],
    ['scrolling', scrolled],
  ]
}

const growth = (name: string, after: number, before: number): Row => ({
  name: `${name} at the end`,
  unit: 'MiB',
  value: after / MIB,
  beside: { name: 'at the start', value: before / MIB, ratio: after / before },
})
