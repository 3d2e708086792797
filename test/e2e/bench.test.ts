/** The product as an engineer meets it: `oktobench serve`, a browser, and real MQTT clients. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith, requireTool } from '../support/tools.ts'

const run = promisify(execFile)
const words = (text: string): string[] => text.split(/\s+/)
const endpoint = 'os::00256D-E2E'
const agentTopic = `oktopus/usp/v1/agent/${endpoint}`

describeWith(['chromium', 'mosquitto-clients'], 'the bench in a browser', () => {
  let bench: ServedBench
  let browser: Browser
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    // The subscriber below ends after one message: that of the test.
    bench = await startServe(['--no-discover'])
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url, 1280, 1600)
    await page.getByText('Attach a device').waitFor()
  })
  afterEach(() => expect(errors).toEqual([]))
  afterAll(async () => {
    await browser?.close()
    await bench?.stop()
  })

  const view = async (name: 'Bench' | 'Devices' | 'Packets'): Promise<void> => {
    await page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click()
  }
  const filter = async (text: string): Promise<void> => {
    await page.getByPlaceholder(/^Filter/).fill(text)
    // Otherwise the completions would stand over the first rows.
    await page.getByPlaceholder(/^Filter/).press('Enter')
  }
  const row = (text: string | RegExp) =>
    page.getByRole('grid').first().getByRole('row').filter({ hasText: text })

  test('the token leaves the address bar, and without it nothing is shown', async () => {
    expect(page.url()).not.toContain('token')
    const [stranger] = await openPage(browser, bench.url.replace(/#.*/, ''))
    await stranger.getByText(/token/i).first().waitFor()
    expect(await stranger.getByText('Attach a device').count()).toBe(0)
    await stranger.close()
  })

  test('mosquitto_sub -V 5 attaches: the device and its CONNECT with all properties are on the screen', async () => {
    const subscriber = spawn(
      requireTool('mosquitto_sub'),
      words(`-V 5 -h 127.0.0.1 -p ${bench.mqttPort} -i e2e-sub -q 1 -t ${agentTopic} -k 45 -x 300 -C 1
        -D connect user-property usp-endpoint-id ${endpoint}
        -D connect user-property site lab-3
        -D connect receive-maximum 17`),
    )
    await view('Devices')
    await row(endpoint).waitFor()
    expect(await row(endpoint).innerText()).toMatch(/online/)
    await row(endpoint).click()
    await page.getByText('lab-3').waitFor()
    await page.getByText('17', { exact: true }).first().waitFor()

    await view('Packets')
    await row(endpoint).filter({ hasText: 'CONNECT' }).first().click()
    const tree = page.getByRole('treegrid')
    for (const text of ['Receive Maximum', 'Session Expiry Interval', 'usp-endpoint-id', endpoint]) {
      await tree.getByText(text, { exact: false }).first().waitFor()
    }

    // A request with Response Topic and Content Type, as a controller sends it.
    await run(
      requireTool('mosquitto_pub'),
      words(`-V 5 -h 127.0.0.1 -p ${bench.mqttPort} -t ${agentTopic} -q 1 -m nothing
        -D publish response-topic oktopus/usp/v1/controller/${endpoint}
        -D publish content-type usp.msg
        -D publish user-property b 2 -D publish user-property a 1`),
    )
    if (subscriber.exitCode === null) await once(subscriber, 'exit')
    await filter(`publish ${agentTopic}`)
    await expect.poll(() => row('PUBLISH').count()).toBe(2)
    await row('PUBLISH').first().click()
    // What calls itself a Record is the innermost layer; MQTT around it is folded.
    const mqtt = tree.getByRole('row', { name: /^MQTT/ })
    await expect.poll(() => mqtt.getAttribute('aria-expanded')).toBe('false')
    await mqtt.locator('[data-part=twist]').click()
    const property = tree.getByText('Response Topic', { exact: false }).first()
    await property.click()
    // The field's bytes are marked, and a marked byte leads back to the field.
    await expect.poll(() => page.locator('.hex .is-marked').count()).toBeGreaterThan(10)
    const labels = await tree.innerText()
    expect(labels.indexOf('Content Type')).toBeGreaterThan(-1)
    expect(labels).toMatch(/b[\s\S]*2[\s\S]*a[\s\S]*1/)
    await filter('')
  })

  test('MQTT.js in 3.1.1 and 5 over TCP and WebSocket shows up with its version', async () => {
    for (const [protocolVersion, scheme, port] of [
      [4, 'mqtt', bench.mqttPort],
      [5, 'ws', bench.wsPort],
    ] as const) {
      const clientId = `js-${protocolVersion}`
      const client = await connectAsync(`${scheme}://127.0.0.1:${port}/mqtt`, { protocolVersion, clientId })
      await client.publishAsync('e2e/js', 'hi', { qos: 2 })
      await client.endAsync()
    }
    await view('Devices')
    await expect.poll(() => row('js-4').innerText()).toMatch(/3\.1\.1/)
    await expect.poll(() => row('js-5').innerText()).toMatch(/5\.0[\s\S]*WS/)
  })

  test('a refused packet is a red row that says why', async () => {
    const { connect } = await import('node:net')
    const socket = connect(bench.mqttPort, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await once(socket.resume(), 'close')
    await view('Packets')
    await filter('malformed')
    await row('MALFORMED').first().click()
    await page.getByText('this is an HTTP request', { exact: false }).first().waitFor()
    await filter('')
  })

  test('the keyboard alone leads to every view, and the palette finds commands', async () => {
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('b')
    await page.getByText('Attach a device').waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('light')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('light')
  })
})
