/** The MQTT client as an engineer uses it: a served bench and a browser. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith } from '../support/tools.ts'
import { publishPacket, WireClient } from '../support/wire.ts'

describeWith(['chromium'], 'the MQTT client in a browser', () => {
  let bench: ServedBench
  let browser: Browser
  let page: Page
  let errors: string[]
  let device: WireClient

  beforeAll(async () => {
    bench = await startServe()
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
    await page.getByRole('navigation').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('q')
    device = await WireClient.open(bench.mqttPort)
    await device.hello({ clientId: 'device' })
    await device.subscribe('lab/#')
  }, 60_000)
  afterEach(() => expect(errors).toEqual([]))
  afterAll(async () => {
    device?.destroy()
    await browser?.close()
    await bench?.stop()
  })

  const list = () => page.getByRole('grid', { name: 'Packets of the client' })
  const message = (name: string) => page.getByRole('region', { name: 'Publish' }).getByRole('tab', { name })
  const detail = () => page.getByRole('region', { name: /^Packet \d/ })
  const user = async (key: string, value: string): Promise<void> => {
    await page.getByRole('button', { name: 'Add User Property' }).click()
    await page.getByLabel('Name of the user property').last().fill(key)
    await page.getByLabel('Value of the user property').last().fill(value)
  }
  const properties = async (): Promise<string[]> => {
    await detail()
      .getByRole('tab', { name: /^Properties/ })
      .click()
    return detail().locator('.client-facts > div').allInnerTexts()
  }

  test('connects to this bench and subscribes', async () => {
    await page.getByText('Connect This bench, subscribe to a topic').waitFor()
    await page.keyboard.press('o')
    await page.getByText(/^connected for/).waitFor()
    await page.keyboard.press('s')
    await page.locator('#client-subscribe:focus').waitFor()
    await page.keyboard.type('lab/#')
    await page.keyboard.press('Enter')
    await list().getByText('SUBACK').waitFor()
    await page.getByRole('button', { name: 'Unsubscribe lab/#' }).waitFor()
  })

  test('publishes user properties in the order in which they are written, and shows them so', async () => {
    await page.getByLabel('Topic', { exact: true }).fill('lab/one')
    await page.locator('.payload-editor .cm-content').click()
    await page.keyboard.type('hello')
    await message('Properties').click()
    for (const [key, value] of [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ] as const)
      await user(key, value)
    // The last one to the front.
    await page.keyboard.press('Alt+ArrowUp')
    await page.keyboard.press('Alt+ArrowUp')
    await page.keyboard.press('Control+Enter')
    const seen = await device.next('PUBLISH')
    expect(seen.properties.map(({ value }) => value)).toEqual([
      ['b', '3'],
      ['b', '1'],
      ['a', '2'],
    ])
    await list().getByText('lab/one').last().click()
    await detail().waitFor()
    expect((await properties()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'User Property b 3',
      'User Property b 1',
      'User Property a 2',
    ])
  })

  test('a request is paired with its answer, with the time that took', async () => {
    await page.getByRole('radio', { name: 'Messages' }).check()
    await message('Request, repeat').click()
    await page.getByLabel('Await an answer for').check()
    await page.getByRole('button', { name: 'Ask' }).click()
    const { properties: asked } = await device.next('PUBLISH')
    const responseTopic = asked.find(({ name }) => name === 'responseTopic')?.value as string
    const correlation = asked.filter(({ name }) => name === 'correlationData')
    device.send(publishPacket(responseTopic, 'here', { properties: correlation }))
    await list()
      .getByText(/^answered in [\d.]+ ms$/)
      .waitFor()
    await list()
      .getByText(/^answers #\d+ · [\d.]+ ms$/)
      .click()
    await detail()
      .getByRole('button', { name: /^#\d+$/ })
      .click()
    await detail()
      .getByText(/^answered in/)
      .waitFor()
    await page.getByLabel('Await an answer for').uncheck()
  })

  test('filters by the filter language, and takes a packet over into a message', async () => {
    await page.getByRole('radio', { name: 'All packets' }).check()
    await page.keyboard.press('Escape')
    await page
      .getByLabel('Filter the packets of the client')
      .fill('mqtt.prop.user["b"] == "3" and frame.direction == out')
    await expect.poll(() => page.getByText('2 packets', { exact: true }).count()).toBe(1)
    await list().getByText('lab/one').first().click()
    await message('Payload').click()
    await detail().getByRole('button', { name: 'Take over' }).click()
    await expect.poll(() => page.locator('.payload-editor .cm-content').innerText()).toBe('hello')
    await page.getByLabel('Filter the packets of the client').fill('')
  })

  test('a message that came is published again, copied, and its topic hidden from the menu of its row', async () => {
    await list().getByText('lab/one').first().click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Publish it again' }).click()
    const again = await device.next('PUBLISH')
    expect(Buffer.from(again.payload).toString()).toBe('hello')
    expect(again.properties.map(({ value }) => value)).toEqual([
      ['b', '3'],
      ['b', '1'],
      ['a', '2'],
    ])
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await list().getByText('lab/one').first().click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Copy as a mosquitto_pub command' }).click()
    await page.getByText('Copied the mosquitto_pub command').waitFor()
    const line = await page.evaluate(() => navigator.clipboard.readText())
    expect(line).toContain(`-p ${bench.mqttPort} -V mqttv5 -i oktobench-engineer`)
    expect(line).toContain('-D publish user-property b 3 -D publish user-property b 1')
    await list().getByText('lab/one').first().click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Hide this topic' }).click()
    await expect.poll(() => list().getByText('lab/one').count()).toBe(0)
    await page.getByRole('button', { name: 'lab/#', exact: false }).first().click()
    await list().getByText('lab/one').first().waitFor()
    await page.getByRole('button', { name: 'lab/#', exact: false }).first().click()
  })

  test('a message is saved with its variables, and opened again', async () => {
    await page.getByLabel('Topic', { exact: true }).fill('lab/${room}')
    await page.getByLabel('room').fill('kitchen')
    await page.keyboard.press('Control+s')
    const sheet = page.getByRole('dialog', { name: 'Save the message' })
    await sheet.getByLabel(/^Name/).fill('rooms/one')
    await sheet.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'New', exact: true }).last().click()
    await page.getByRole('button', { name: 'rooms/one' }).click()
    expect(await page.getByLabel('room').inputValue()).toBe('kitchen')
    await page.keyboard.press('Control+Enter')
    await list().getByText('lab/kitchen').first().waitFor()
  })

  test('proves its password again, and a first step by hand is judged by the broker', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByRole('tab', { name: /^Properties of CONNECT/ }).click()
    await page.getByLabel('Add to properties of connect').selectOption('authenticationMethod')
    await page.getByRole('textbox', { name: 'Authentication Method' }).fill('SCRAM-SHA-256')
    await page.getByRole('button', { name: 'Save and connect' }).click()
    await list().getByText('AUTH').first().waitFor()
    await page.getByText(/^connected for/).waitFor()
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Authenticate…' }).click()
    const sheet = page.getByRole('dialog', { name: 'Authenticate This bench' })
    await sheet.getByText(/proved that they know the password.*\(CONNECT\)/).waitFor()
    await sheet.getByRole('button', { name: 'Re-authenticate' }).click()
    await sheet.getByText(/proved that they know the password.*\(Re-authentication\)/).waitFor()
    await sheet.getByLabel(/by hand/).check()
    await sheet.getByRole('textbox', { name: 'Authentication Data' }).fill('n,,n=somebody,r=abc')
    await sheet.getByRole('button', { name: 'Re-authenticate' }).click()
    await sheet.getByText('failed', { exact: true }).waitFor()
    await sheet.getByText(/Not authorized \(0x87\)/).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'DISCONNECT', exact: true }).click()
    await page.locator('.client-connack').getByText('Not authorized (0x87)').waitFor()
    await page.getByText(/^connected for/).waitFor()
  })

  test('says goodbye with a reason and properties in their order', async () => {
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Disconnect with…' }).click()
    const sheet = page.getByRole('dialog', { name: 'Disconnect This bench' })
    await sheet.getByLabel('Reason code').selectOption({ label: '0x98 Administrative action' })
    await sheet.getByLabel('Add to properties of disconnect').selectOption('sessionExpiryInterval')
    await sheet.getByRole('textbox', { name: 'Session Expiry Interval' }).fill('60')
    await sheet.getByLabel('Add to properties of disconnect').selectOption('reasonString')
    await sheet.getByRole('textbox', { name: 'Reason String' }).fill('lunch')
    await sheet.getByRole('button', { name: 'Disconnect', exact: true }).click()
    await sheet.getByText(/give the Session Expiry Interval in CONNECT/).waitFor()
    await sheet.getByRole('button', { name: 'Remove Session Expiry Interval' }).click()
    await sheet.getByRole('button', { name: 'Disconnect', exact: true }).click()
    await page.getByText('not connected', { exact: true }).first().waitFor()
    await page
      .getByLabel('Filter the packets of the client')
      .fill('mqtt.msgtype == DISCONNECT and frame.direction == out')
    await list()
      .getByText(/Administrative action .* lunch/)
      .click()
    expect((await properties()).map((text) => text.replace(/\s+/g, ' '))).toEqual(['Reason String lunch'])
    await page.getByLabel('Filter the packets of the client').fill('')
  })

  test('a new connection that fails says why', async () => {
    await page.getByRole('button', { name: 'New', exact: true }).first().click()
    const sheet = page.getByRole('dialog', { name: 'New connection' })
    await sheet.getByLabel('Host').fill('127.0.0.1')
    await sheet.getByLabel('Port', { exact: true }).fill('1')
    await sheet.getByLabel('Password').fill('secret-1')
    await sheet.getByRole('button', { name: 'Save and connect' }).click()
    await page
      .getByRole('status')
      .getByText(/^Nothing listens at mqtt:\/\/127.0.0.1:1/)
      .waitFor()
    await page.getByRole('button', { name: 'Edit' }).click()
    const again = page.getByRole('dialog', { name: '127.0.0.1:1' })
    await again.getByPlaceholder('kept; type to replace it').waitFor()
    expect(await again.getByLabel('Password').inputValue()).toBe('')
    await page.keyboard.press('Escape')
  })

  test('nothing in the view is wider than its place', async () => {
    await page.getByRole('button', { name: /This bench/ }).click()
    const wide = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'main .split, main .client-traffic, main .client-publish, main .client-bar',
        ),
      ]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => element.className),
    )
    expect(wide).toEqual([])
  })
})
