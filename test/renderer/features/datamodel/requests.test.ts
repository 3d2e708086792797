import { describe, expect, test } from 'vitest'
import { differenceRows, differenceText } from '../../../../renderer/features/datamodel/difference-rows.ts'
import {
  addRequest,
  createdRow,
  faultOf,
  operateOutcome,
  operateRequest,
  setRequest,
} from '../../../../renderer/features/datamodel/requests.ts'
import type { RequestReport } from '../../../../shared/contract/usp.ts'
import { difference } from '../../../../shared/usp/dm/difference.ts'
import { requestFromJson } from '../../../../shared/usp/request-json.ts'
import { snapshot, supported } from '../../../shared/usp/dm/sample.ts'

test.each([
  ['Set', setRequest('Device.WiFi.SSID.2.Alias', '')],
  ['Add', addRequest('Device.WiFi.SSID.', { Alias: 'x' })],
  ['Operate', operateRequest('Device.Reboot()', 'key', { Cause: 'x' })],
])('a request to %s is one that the controller takes', (kind, message) => {
  expect(requestFromJson(message).kind).toBe(kind)
})

const report = (more: Partial<RequestReport>): RequestReport => ({
  outcome: 'answered',
  text: 'in words',
  endpointId: 'os::1',
  kind: 'Set',
  msgId: '1',
  topic: '',
  request: {},
  failures: [],
  sentAt: 0,
  ...more,
})
const fault = (code: number, name: string, text: string) => ({ path: '', code, name, text })

describe('reports', () => {
  test('what went wrong is the innermost thing that the device named, else words', () => {
    expect(faultOf(report({}))).toBeUndefined()
    expect(faultOf(report({ outcome: 'timeout' }))).toBe('in words')
    const error = fault(7004, 'Invalid arguments', 'see below')
    const failures = [fault(7012, 'Invalid value', '')]
    expect(faultOf(report({ outcome: 'error', error, failures }))).toBe('7012 Invalid value')
    expect(faultOf(report({ outcome: 'error', error }))).toBe('7004 Invalid arguments: see below')
  })

  test('what a command gave is read, and the row that was added', () => {
    const operate = (result: Record<string, string | Record<string, Record<string, string>>>) =>
      operateOutcome(
        report({ answer: { body: { response: { operate_resp: { operation_results: [result] } } } } }),
      )
    expect(operate({ req_obj_path: 'Device.LocalAgent.Request.3.' })).toEqual({
      request: 'Device.LocalAgent.Request.3.',
      outputs: [],
    })
    expect(operate({ req_output_args: { output_args: { Status: 'ok' } } })).toEqual({
      outputs: [['Status', 'ok']],
    })
    const created = [{ oper_status: { oper_success: { instantiated_path: 'Device.A.2.' } } }]
    const answer = { body: { response: { add_resp: { created_obj_results: created } } } }
    expect([createdRow(report({ answer })), createdRow(report({}))]).toEqual(['Device.A.2.', undefined])
  })
})

describe('differences', () => {
  const found = difference(snapshot, {
    ...snapshot,
    values: [
      ['Device.DeviceInfo.UpTime', '70'],
      ['Device.WiFi.SSID.2.Alias', 'guest\n2'],
    ],
    supported: supported.slice(0, -1),
  })

  test('are rows: what is supported, then values; counters when asked for; words narrow them', () => {
    const rows = differenceRows(found, false, '')
    expect(rows.map(({ change, what, path }) => `${change} ${what} ${path}`)).toEqual([
      'removed object Device.WiFi.SSID.{i}.',
      'removed parameter Device.WiFi.SSID.{i}.Alias',
      'removed parameter Device.WiFi.SSID.{i}.Enable',
      'removed value Device.DeviceInfo.Manufacturer',
      'changed value Device.WiFi.SSID.2.Alias',
      'removed value Device.WiFi.SSID.10.Alias',
    ])
    expect(rows[1]).toMatchObject({ before: 'type: string; access: read-write; value change: unknown' })
    expect(differenceRows(found, true, 'uptime')).toHaveLength(1)
    expect(differenceRows(found, false, 'uptime')).toHaveLength(0)
  })

  test('are copied with tabs, a line each', () => {
    const lines = differenceText(found, differenceRows(found, false, '2.alias')).split('\n')
    expect(lines[1]).toBe('changed\tDevice.WiFi.SSID.2.Alias\tvalue\tguest\tguest 2')
    expect(lines).toHaveLength(2)
  })
})
