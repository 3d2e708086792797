/** The simulated agent beside the real one: each request of a recorded dialogue must be answered alike. */
import { expect, test } from 'vitest'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import { decodeMsg, decodeRecord, msgToJson } from '../../../shared/usp/codec.ts'
import { readPublishes } from '../../shared/usp/publishes.ts'
import { rig, type Json } from './rig.ts'

/** The real agent has neither triggered actions nor on-boarding. */
const without = /^.*(?:Trigger(?:Action|ConfigSettings)|OnBoarding(?:Complete|RestartTime)) .*\n/gm
/** What the real agent was configured with, where the usual model has something else. */
const model = `${routerModel.replaceAll(without, '')}
Device.LocalAgent.Controller.1.BootParameter.1.Alias ""
Device.LocalAgent.Controller.1.BootParameter.1.ParameterName "Device.DeviceInfo.SoftwareVersion"
Device.LocalAgent.Subscription.1.ID "boot"
`

/** Exchanges in which the two differ, by number, and why. */
const differences: Readonly<Record<string, string>> = {
  '7 get': 'the real agent calls an object path without its last dot 7026 in Get; it is 7008',
  '37 getInstances': 'asked for the first level below an object, the real agent names the object itself',
  '39 delete': 'the real agent says 7019, which is no code of Delete, of an object that is not a table',
  '42 delete': 'as 39',
  '66 get': 'as 7; and it says 7008 of the operator ~=',
  '67 get': 'the real agent does not know the operator ~=',
  '71 set': 'the real agent checks NotifType against ReferenceList before it finds that neither may change',
  '77 operate': 'the real agent has no Request.{i}.Cancel()',
  '79 getSupportedDm': 'the real agent has Unix domain sockets',
}

interface Exchange {
  readonly name: string
  readonly request: Json
  readonly response: Json | undefined
}

function exchanges(): Exchange[] {
  const requests = new Map<string, Json>()
  const responses = new Map<string, Json>()
  for (const { topic, packet, payloadStart } of readPublishes('obuspa-dialogue.pcapng')) {
    if (topic.includes('/status/')) continue
    const { recordType, fromId } = decodeRecord(packet.subarray(payloadStart))
    if (recordType.case !== 'noSessionContext') continue
    const { header, body } = msgToJson(decodeMsg(recordType.value.payload)) as Json
    if (!header || !body || header['msgType'] === 'NOTIFY') continue
    const list = fromId === 'oktopusController' ? requests : responses
    list.set(String(header['msgId']), body)
  }
  const number = (id: string): number => Number(id.split('-').at(-1))
  const inOrder = [...requests].sort(([a], [b]) => number(a) - number(b))
  return inOrder.map(([id, body]) => {
    const request = body['request'] as Json
    return { name: `${number(id)} ${Object.keys(request)[0]}`, request, response: responses.get(id) }
  })
}

/** What must agree: kinds, codes, paths and names; not the words of errors, nor what each model holds. */
function outline(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outline)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'errMsg' && key !== 'dataModelInstUri')
    .map(([key, inner]) => [key, key === 'resultParams' ? namesOf(inner) : outline(inner)])
  return Object.fromEntries(entries) as unknown
}

/** Statuses and times differ by nature; names are what counts. */
const namesOf = (values: object): string[] => Object.keys(values).sort()

const real = exchanges()
const { ask } = rig({}, model)

test('the dialogue is whole', () => {
  expect(real.length).toBeGreaterThan(70)
  expect(real.filter(({ response }) => response === undefined)).toHaveLength(2)
})

test.each(real)('$name', ({ name, request, response }) => {
  const own = outline(ask(request))
  if (name in differences) expect(own, differences[name]).not.toEqual(outline(response))
  else expect(own).toEqual(outline(response))
})
