/** Long lists in the other views, scrolled through and searched, and a long flow in the editor. */
import type { Page } from 'playwright-core'
import { startBrowser } from '../support/browser.ts'
import { startSimulated } from '../support/simulated.ts'
import { frameRows, watchFrames, wheel, type Shown } from './frames.ts'
import { member, publish } from './load.ts'
import { startProduct, type Product } from './product.ts'
import { printRows, say, type Row } from './report.ts'

const ROWS = 10_000
const PARAMETERS = 20_000
const FLOW_STEPS = 2000
const SECONDS = 4
const KEY_MS = 80
/** Connections made at the same time. */
const AT_ONCE = 50
/** What came last is in the list, and the view has settled. */
const SETTLE_MS = 1500
const MODEL_DEVICE = 'os::02005E-BENCH1'
const PATIENCE_MS = 90_000

interface Case {
  readonly name: string
  /** Fills the bench, beforehand. Answers how that is undone. */
  readonly prepare: (product: Product) => Promise<(() => unknown) | void>
  /** Leads to the list. */
  readonly open: (page: Page, product: Product) => Promise<void>
  /** What is scrolled, when it is. */
  readonly list?: (page: Page) => ReturnType<Page['locator']>
  /** What is typed into, and what. */
  readonly field?: (page: Page) => ReturnType<Page['locator']>
  readonly text?: string
  /** What stands there while the list is scrolled; what was typed, where it is no field to fill. */
  readonly scrolled?: string
}

const go = (page: Page, name: string): Promise<void> =>
  page
    .getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click()
const big = (n: number): string => n.toLocaleString('en')

const cases: readonly Case[] = [
  {
    name: `${big(ROWS)} devices`,
    prepare: async ({ port }) => {
      for (let made = 0; made < ROWS; made += AT_ONCE) {
        const some = await Promise.all(Array.from({ length: AT_ONCE }, () => member(port)))
        for (const { socket } of some) socket.destroy()
      }
    },
    open: (page) => go(page, 'Devices'),
    list: (page) => page.getByRole('grid', { name: 'Devices' }),
    field: (page) => page.getByLabel('Filter devices'),
    text: 'load-99',
    scrolled: '',
  },
  {
    name: `${big(ROWS)} topics`,
    prepare: async ({ port }) => {
      const { socket } = await member(port)
      for (let i = 0; i < ROWS; i++)
        socket.write(publish(`lab/${i % 40}/room-${Math.floor(i / 40)}/state`, Buffer.from(`{"at":${i}}`), 0))
      return () => socket.destroy()
    },
    async open(page) {
      await go(page, 'Topics')
      await page.getByRole('treegrid', { name: 'Topics' }).getByText('lab').first().click()
      await page.keyboard.press('*')
    },
    list: (page) => page.getByRole('treegrid', { name: 'Topics' }),
    field: (page) => page.locator('#topics-filter'),
    text: 'room-77',
    scrolled: '',
  },
  {
    name: `a data model of ${big(PARAMETERS)} parameters`,
    prepare: async ({ port }) => {
      const agent = await startSimulated({ port, endpointId: MODEL_DEVICE, parameters: PARAMETERS })
      return () => agent.stop()
    },
    async open(page) {
      await go(page, 'Data model')
      await page.getByRole('list', { name: 'Devices' }).getByRole('button', { name: MODEL_DEVICE }).click()
      await page.getByRole('button', { name: 'Read its data model' }).click()
      await page.locator('[data-path="Device."]').click()
      await page.getByRole('button', { name: 'Read all values' }).first().click()
      await page.waitForTimeout(SETTLE_MS)
      await page.locator('[data-path="Device."]').click()
      await page.keyboard.press('*')
    },
    list: (page) => page.getByRole('treegrid', { name: 'Data model' }),
    field: (page) => page.getByLabel('Search the data model'),
    text: 'value 7 length',
    scrolled: 'value',
  },
  {
    name: `a result of ${big(ROWS)} steps`,
    prepare: async ({ call }) => {
      // One after the other: of repeated ones a result keeps a few rounds.
      const group = [
        '  - group: Part',
        '    steps:',
        ...Array.from({ length: FLOW_STEPS }, () => '      - set: { n: 1 }'),
      ]
      const groups = Array.from({ length: ROWS / FLOW_STEPS }, () => group).flat()
      const limits = `limits: { time: 1h, steps: ${ROWS + 1000} }`
      const text = ['flow: 1', 'name: Long', limits, 'steps:', ...groups, ''].join('\n')
      const { run } = await call('flows.run', { source: { text }, device: MODEL_DEVICE })
      while ((await call('flows.result', { id: run })).status === 'running')
        await new Promise((resolve) => setTimeout(resolve, 200))
    },
    async open(page) {
      await go(page, 'Flows')
      const files = page.getByRole('complementary', { name: 'Flows and results' })
      await files.getByText(/^Results/).click()
      await files.getByText('Long').first().click()
      await page.getByRole('treegrid', { name: 'Steps' }).getByRole('row').nth(2).click()
    },
    list: (page) => page.getByRole('treegrid', { name: 'Steps' }),
  },
  {
    name: `a flow of ${big(FLOW_STEPS)} steps`,
    prepare: async ({ call }) => {
      const steps = Array.from(
        { length: FLOW_STEPS },
        (_, i) =>
          `  - name: Step ${i}\n    send: { get: Device.DeviceInfo.ModelName }\n    expect: { params: { Device.DeviceInfo.ModelName: { $type: string } } }`,
      )
      const text = ['flow: 1', 'name: Many steps', 'steps:', ...steps, ''].join('\n')
      await call('flows.write', { path: 'many.yaml', text })
    },
    async open(page) {
      await go(page, 'Flows')
      await page.getByRole('complementary', { name: 'Flows and results' }).getByText('many').first().click()
      await page.getByRole('textbox', { name: 'Flow as YAML' }).click()
      await page.keyboard.press('Control+Home')
      for (let line = 0; line < 3; line++) await page.keyboard.press('ArrowDown')
      await page.keyboard.press('End')
    },
    list: (page) => page.getByRole('textbox', { name: 'Flow as YAML' }),
    field: (page) => page.getByRole('textbox', { name: 'Flow as YAML' }),
    text: ' of the bench',
  },
]

export async function listsBench(options: ReadonlyMap<string, number>): Promise<void> {
  const chosen = options.get('case')
  // Ten thousand devices come from one address as fast as they are taken.
  const product = await startProduct(['--no-discover', '--connects-per-second', '0'])
  const browser = await startBrowser()
  const undo: (() => unknown)[] = []
  const rows: Row[] = []
  try {
    for (const one of cases) {
      if (chosen !== undefined && cases.indexOf(one) !== chosen) continue
      say(one.name)
      const end = await one.prepare(product)
      if (end) undo.push(end)
      // A page of its own, so that no view before it stands in the way.
      const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
      const page = await context.newPage()
      page.setDefaultTimeout(PATIENCE_MS)
      await page.goto(product.url)
      await one.open(page, product)
      await page.waitForTimeout(SETTLE_MS)
      rows.push(...(await looked({ browser, page }, one)))
      await context.close()
    }
    printRows('Long lists, 1920 × 1080', rows)
  } finally {
    await browser.close()
    for (const end of undo) await end()
    await product.stop()
  }
}

async function looked(shown: Shown, { name, list, field, text = '', scrolled }: Case): Promise<Row[]> {
  const { page } = shown
  const rows: Row[] = []
  if (field) {
    await field(page).focus()
    let at = 0
    const typed = await watchFrames(shown, SECONDS, async () => {
      // Typed, taken back, and typed again.
      const round = Math.floor(at / text.length) % 2
      await page.keyboard.press(round === 0 ? keyOf(text[at % text.length] ?? 'x') : 'Backspace')
      at += 1
      await page.waitForTimeout(KEY_MS)
    })
    rows.push(...frameRows(`${name}, typing`, typed))
    if (scrolled !== undefined) await field(page).fill(scrolled)
    await page.waitForTimeout(SETTLE_MS)
  }
  if (list) {
    await list(page).hover()
    rows.push(...frameRows(`${name}, scrolling`, await watchFrames(shown, SECONDS, () => wheel(page))))
  }
  return rows
}

const keyOf = (letter: string): string => (letter === ' ' ? 'Space' : letter)
