/** Every view opened and left many times: what a day of going to and fro leaves in the page. */
import { openPage, startBrowser } from '../support/browser.ts'
import { heapOf } from './frames.ts'
import { startProduct } from './product.ts'
import { printRows, say } from './report.ts'

const ROUNDS = 50
/** Code is loaded, caches fill: what grows after these rounds does not stop growing. */
const WARM_UP = 15
const MIB = 2 ** 20

export async function viewsBench(options: ReadonlyMap<string, number>): Promise<void> {
  const rounds = options.get('rounds') ?? ROUNDS
  const product = await startProduct()
  const browser = await startBrowser()
  try {
    const [page, errors] = await openPage(browser, product.url, 1920, 1080)
    const session = await page.context().newCDPSession(page)
    const entries = page.getByRole('navigation').getByRole('button')
    await entries.first().waitFor()
    const places = await entries.count()
    const round = async (): Promise<void> => {
      for (let place = 0; place < places; place++) {
        await entries.nth(place).click()
        await page.locator('.view-loading').waitFor({ state: 'detached' })
      }
    }
    const held = async () => {
      const heap = await heapOf(session)
      const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters')
      return { heap, nodes, listeners }
    }
    say(`${places} views, ${rounds} times`)
    for (let i = 0; i < WARM_UP; i++) await round()
    const before = await held()
    for (let i = 0; i < rounds; i++) await round()
    const after = await held()
    if (errors.length > 0) throw new Error(errors.join('\n'))
    const row = (name: string, unit: string, now: number, then: number) => ({
      name,
      unit,
      value: now,
      beside: { name: `after ${WARM_UP} rounds`, value: then, ratio: now / then },
      target: { atMost: 1.1 },
      targetOfRatio: true,
    })
    printRows(`${places} views opened ${rounds} times`, [
      row('heap of the page', 'MiB', after.heap / MIB, before.heap / MIB),
      row('nodes of documents', '', after.nodes, before.nodes),
      row('event listeners', '', after.listeners, before.listeners),
    ])
  } finally {
    await browser.close()
    await product.stop()
  }
}
