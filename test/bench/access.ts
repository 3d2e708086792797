/**
 * `npm run bench -- access`: decisions of the access guard a second on one core, and the work that a page does
 * over an edit of a long list.
 */
import { Access, type ClientAccess } from '../../electron/engine/access/access.ts'
import type { AclRule, Subject } from '../../shared/acl/model.ts'
import { openPage, startBrowser } from '../support/browser.ts'
import { tool } from '../support/tools.ts'
import { startProduct } from './product.ts'
import { median, printRows, say, type Row } from './report.ts'

const RULES = 200
const EDITOR_RULES = 1000
const CLIENTS = 1000
/** Different topics a client; more than a session remembers, so that the list is asked each time. */
const TOPICS = 400
const CHECKS = 100_000
const ROUNDS = 5
const EDITS = 20
/** The page looks through the list 400 ms after an edit; by then it is done. */
const AFTER_EDIT_MS = 800
const FRAME_MS = 50

export async function accessBench(): Promise<void> {
  say('decisions')
  const target = { atLeast: 100_000 }
  const rows: Row[] = [
    {
      name: `publish and subscribe, ${RULES} rules, new topics`,
      unit: 'checks/s',
      value: checks(TOPICS),
      target,
    },
    { name: `the same, topics that come again`, unit: 'checks/s', value: checks(4), target },
  ]
  if (tool('chromium') !== undefined) rows.push(...(await editorRows()))
  printRows('Access', rows)
}

/** Rules of every kind; the ones that decide are at the end, so that most are asked each time. */
function rulesOf(count: number): AclRule[] {
  const own: AclRule[] = [
    rule('own-agent', 'allow', 'subscribe', 'oktopus/usp/v1/agent/${endpoint}'),
    rule('own-controller', 'allow', 'publish', 'oktopus/usp/v1/controller/${endpoint}/#'),
  ]
  const others = Array.from({ length: count - own.length }, (_, i): AclRule => {
    const effect = i % 3 === 0 ? 'deny' : 'allow'
    switch (i % 5) {
      case 0:
        return rule(`site-${i}`, effect, 'both', `site/${i}/+/\${endpoint}/#`)
      case 1:
        return {
          ...rule(`net-${i}`, effect, 'publish', `net/${i}/#`),
          who: { network: `10.${i % 256}.0.0/16` },
        }
      case 2:
        return {
          ...rule(`user-${i}`, effect, 'both', `user/\${username}/${i}`),
          who: { username: { wildcard: `*${i}?` } },
        }
      case 3:
        return rule(`plain-${i}`, effect, 'publish', `oktopus/usp/v1/api/${i}`)
      default:
        return rule(`wide-${i}`, effect, 'subscribe', `+/lab/${i}/+/state`)
    }
  })
  return [...others, ...own]
}

const rule = (id: string, effect: AclRule['effect'], action: AclRule['action'], topic: string): AclRule => ({
  id,
  name: id,
  effect,
  action,
  topic,
  who: {},
  enabled: true,
})

/** Checks a second of processor time: 4 of 5 are of PUBLISH, half of them are allowed. */
function checks(topics: number): number {
  const list = { version: 1, rules: rulesOf(RULES) }
  const passwords = { check: () => 'ok' as const }
  const access = new Access({ open: false, passwords, list, onDenied: () => undefined })
  const clients = Array.from({ length: CLIENTS }, (_, i) => ({
    id: `os::012345-${i}`,
    ...clientOf(access, i),
  }))
  const names = clients.map(({ id }) =>
    Array.from({ length: topics }, (_, i) => `oktopus/usp/v1/${i % 2 ? 'controller' : 'other'}/${id}/${i}`),
  )
  const rates: number[] = []
  for (let i = 0; rates.length < ROUNDS;) {
    const before = process.cpuUsage()
    for (const end = i + CHECKS; i < end; i++) {
      const at = i % CLIENTS
      const { client, filter } = clients[at] as (typeof clients)[number]
      if (i % 5 === 0) client.judge('subscribe', filter, 1, false)
      else client.judge('publish', names[at]?.[Math.floor(i / CLIENTS) % topics] as string, 0, false)
    }
    const { user, system } = process.cpuUsage(before)
    rates.push((CHECKS / (user + system)) * 1e6)
  }
  return median(rates)
}

function clientOf(access: Access, i: number): { readonly client: ClientAccess; readonly filter: string } {
  const id = `os::012345-${i}`
  const who: Subject = {
    username: id,
    clientId: id,
    endpointId: id,
    address: `10.${i % 256}.1.2`,
    listener: { transport: 'tcp', port: 1883 },
  }
  return { client: access.client(who), filter: `oktopus/usp/v1/agent/${id}` }
}

/** A letter typed into a rule in the middle of the list: all work of the page until the findings stand. */
async function editorRows(): Promise<Row[]> {
  say(`${EDITOR_RULES.toLocaleString('en')} rules in the editor`)
  const product = await startProduct()
  const browser = await startBrowser()
  try {
    const list = { version: 0, rules: rulesOf(EDITOR_RULES) }
    let basedOn = 0
    product.host.on('access', (state) => (basedOn = state.list.version))
    await product.call('access.rules.save', { list, basedOn, note: '' })
    const [page] = await openPage(browser, product.url)
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Access/ })
      .click()
    await page.getByRole('grid').first().getByRole('row').nth(8).click()
    const field = page.locator('.rule-editor input.mono').first()
    await field.click()
    await page.keyboard.press('End')
    await page.evaluate(watchLongTasks)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const work = async (): Promise<number> => {
      const { metrics } = await session.send('Performance.getMetrics')
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN) * 1000
    }
    const found: number[] = []
    for (let edit = 0; edit < EDITS; edit++) {
      const before = await work()
      await page.keyboard.type('x')
      await page.waitForTimeout(AFTER_EDIT_MS)
      found.push((await work()) - before)
    }
    const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as Watched).longTasks))
    return [
      {
        name: `work of the page per edit, ${EDITOR_RULES.toLocaleString('en')} rules`,
        unit: 'ms',
        value: median(found),
      },
      { name: 'longest task of these edits', unit: 'ms', value: longest, target: { atMost: FRAME_MS } },
    ]
  } finally {
    await browser.close()
    await product.stop()
  }
}

interface Watched {
  longTasks: number[]
}

/** Runs in the page. Tasks of less than 50 ms are not told by the browser. */
function watchLongTasks(): void {
  const watched = window as unknown as Watched
  watched.longTasks = []
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longTasks.push(duration)
  }).observe({ type: 'longtask' })
}
