/** Enhanced authentication (MQTT 5.0, chapter 4.12). */
import { expect } from 'vitest'
import { getProperty } from '../../shared/mqtt/properties.ts'
import { cutOff } from './rig.ts'
import { shows } from './shows.ts'

shows(
  'an Authentication Method that is not offered ends the connection with 0x8C',
  { '5.0': '4.12.0-1 3.2.2-7' },
  async ({ connect }) => {
    const client = await connect()
    const properties = [{ name: 'authenticationMethod', value: 'NOT-OFFERED' } as const]
    const answer = await client.hello({ clientId: 'a', properties })
    expect(answer).toMatchObject({ reasonCode: 0x8c, sessionPresent: false })
    await cutOff(client)
  },
)

shows(
  'without a method in CONNECT there is none in CONNACK, and no AUTH is sent',
  { '5.0': '4.12.0-6 3.2.0-1' },
  async ({ join }) => {
    const client = await join('a', { username: 'u', password: Buffer.from('p') })
    expect(getProperty(client.connack?.properties ?? [], 'authenticationMethod')).toBeUndefined()
    await client.ping()
    expect(client.received.map(({ type }) => type)).toEqual(['CONNACK', 'PINGRESP'])
  },
)
