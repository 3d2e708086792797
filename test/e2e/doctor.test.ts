/** Attaching a device step by step up to its first answer, and three broken devices explained, in a browser. */
import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDatabase } from '../../shared/attach/database.ts'
import { agentTopic, controllerTopic } from '../../shared/usp/oktopus.ts'
import { connectRecord } from '../shared/doctor/play.ts'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith } from '../support/tools.ts'
import { TestAgent } from '../support/usp-agent.ts'

const id = 'os::00256D-WIZARD'

describeWith(['chromium'], 'doctor and wizard in a browser', () => {
  let bench: ServedBench
  let browser: Browser
  let page: Page
  let errors: string[]
  let agent: TestAgent | undefined

  beforeAll(async () => {
    bench = await startServe(['--no-open-bench'])
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
  })
  afterAll(async () => {
    await agent?.close()
    await browser?.close()
    await bench?.stop()
  })
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const steps = () => page.getByRole('list', { name: 'Steps' }).last()

  test('a device is attached with what the wizard wrote, and answers', async () => {
    await press('Attach step by step…')
    await press('Next')
    await press('Next')
    await page.getByRole('dialog').getByLabel('Endpoint ID').fill(id)
    await press('Make and go on')
    const lines = page.getByRole('dialog').getByLabel('Configuration of the device')
    const { byPath } = parseDatabase((await lines.textContent()) ?? '')
    const password = byPath.get('Device.MQTT.Client.1.Password')?.value ?? ''
    expect(password.length).toBeGreaterThan(10)
    expect(byPath.get('Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured')?.value).toBe(agentTopic(id))
    await press('Next')
    await page.getByText(`No connection of ${id} has reached this bench`).waitFor()

    agent = await TestAgent.connect({ port: bench.mqttPort, endpointId: id, username: id, password })
    await agent.sayConnect('5.0')
    await page.getByText('It is connected and answers.').waitFor()
    expect(await steps().getByText('GET_RESP').count()).toBe(1)
    await press('Show the device')
    await page.getByRole('region', { name: 'Doctor' }).getByText('It is connected and answers.').waitFor()
    expect(await page.content()).not.toContain(password)
  })

  const broken = (username: string, password: string) =>
    connectAsync(`mqtt://127.0.0.1:${bench.mqttPort}`, {
      protocolVersion: 5,
      clientId: username,
      username,
      password,
      reconnectPeriod: 0,
      properties: { userProperties: { 'usp-endpoint-id': username } },
    })
  const makeUser = async (username: string): Promise<string> => {
    await page.keyboard.press('g')
    await page.keyboard.press('b')
    await press('Attach step by step…')
    await press('Next')
    await press('Next')
    await page.getByRole('dialog').getByLabel('Endpoint ID').fill(username)
    await press('Make and go on')
    const lines = page.getByRole('dialog').getByLabel('Configuration of the device')
    const { byPath } = parseDatabase((await lines.textContent()) ?? '')
    await press('Cancel')
    return byPath.get('Device.MQTT.Client.1.Password')?.value ?? ''
  }
  const examine = async (name: string) => {
    await page.keyboard.press('g')
    await page.keyboard.press('b')
    await page.keyboard.press('g')
    await page.keyboard.press('x')
    await page.getByRole('dialog').getByRole('button', { name }).click()
  }

  test('a device that subscribed nothing', async () => {
    const name = 'os::00256D-DEAF'
    const client = await broken(name, await makeUser(name))
    await client.endAsync()
    await examine(name)
    await page.getByText('It stops at SUBSCRIBE.').waitFor()
    await page
      .getByText(`dbset Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured ${agentTopic(name)}`)
      .waitFor()
    await page.keyboard.press('Escape')
  })

  test('a device with a Response Topic of another', async () => {
    const name = 'os::00256D-REPLY'
    const client = await broken(name, await makeUser(name))
    await client.subscribeAsync(agentTopic(name))
    const properties = { contentType: 'usp.msg', responseTopic: agentTopic('os::other') }
    await client.publishAsync(controllerTopic(name), Buffer.from(connectRecord({ fromId: name })), {
      properties,
    })
    await examine(name)
    await page.getByText('It stops at Topics match.').waitFor()
    await page.getByText(`the Response Topic ${agentTopic('os::other')} is not its own`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: /^#/ }).last().click()
    await page.getByRole('treegrid').waitFor()
    await client.endAsync()
  })

  test('a wrong password, which becomes the right one', async () => {
    const name = 'os::00256D-PASS'
    await makeUser(name)
    await expect(broken(name, 'what-it-has')).rejects.toThrow()
    await examine(name)
    await page.getByText('It stops at Authentication.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Admit', exact: true }).click()
    const client = await broken(name, 'what-it-has')
    await page.getByText('It is let in and has not subscribed anything yet.').first().waitFor()
    await client.endAsync()
    expect(await page.content()).not.toContain('what-it-has')
    expect(errors).toEqual([])
  })

  test('a device is attached by certificate', async () => {
    const name = 'os::00256D-CERT'
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('b')
    await press('Attach step by step…')
    await press('Next')
    await page.getByRole('radio', { name: 'TLS', exact: true }).check({ force: true })
    await press('Next')
    await page.getByRole('dialog').getByLabel('Endpoint ID').fill(name)
    await page.getByRole('radio', { name: 'certificate' }).check({ force: true })
    await press('Make and go on')
    const lines = await page.getByRole('dialog').getByLabel('Configuration of the device').textContent()
    expect(lines).toContain('TransportProtocol "TLS"')
    expect(lines).not.toContain('Password')
    for (const file of ['lab-ca.pem', 'device.pem']) {
      const [download] = await Promise.all([page.waitForEvent('download'), press(`Save ${file}`)])
      expect(await download.failure()).toBeNull()
    }
    await press('Cancel')
  })

  test('a pasted configuration is checked, and nothing of it stays', async () => {
    await page.keyboard.press('Escape')
    await press('Check a configuration…')
    const field = page.getByRole('dialog').getByRole('textbox').first()
    await field.fill('Device.MQTT.Client.1.BrokerAddress => 10.9.8.7\nDevice.MQTT.Client.1.Password => tiger')
    await page.getByText('line 1: 10.9.8.7').waitFor()
    await press('Done')
    await press('Check a configuration…')
    expect(await field.inputValue()).toBe('')
    expect(errors).toEqual([])
  })
})
