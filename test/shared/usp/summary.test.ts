import { describe, expect, test } from 'vitest'
import {
  encodeMsg,
  encodeRecord,
  makeRecord,
  msgFromJson,
  recordFromJson,
} from '../../../shared/usp/codec.ts'
import { summarizeRecord } from '../../../shared/usp/summary.ts'

const ids = { version: '1.3', toId: 'c', fromId: 'a' }

function summarize(bytes: Uint8Array): string | undefined {
  const summary = summarizeRecord(bytes, 0, bytes.length)
  return summary && `${summary.usp} | ${summary.info}`
}

/** Summary of a Record that carries this body, given as protobuf JSON. */
function ofBody(body: object): string | undefined {
  const payload = encodeMsg(msgFromJson({ header: { msgId: '1' }, body: JSON.parse(JSON.stringify(body)) }))
  return summarize(
    encodeRecord(makeRecord({ ...ids, recordType: { case: 'noSessionContext', value: { payload } } })),
  )
}

const ofRecord = (type: object) =>
  summarize(encodeRecord(recordFromJson(JSON.parse(JSON.stringify({ ...ids, ...type })))))

describe('Records', () => {
  test.each([
    [{ mqttConnect: { version: 'V5', subscribedTopic: 'o/agent/x' } }, 'mqtt_connect 5.0 | o/agent/x'],
    [{ mqttConnect: { subscribedTopic: 't' } }, 'mqtt_connect 3.1.1 | t'],
    [{ stompConnect: { subscribedDestination: '/q' } }, 'stomp_connect | /q'],
    [{ websocketConnect: {} }, 'websocket_connect | '],
    [{ udsConnect: {} }, 'uds_connect | '],
    [{ disconnect: { reason: 'bye' } }, 'disconnect | bye'],
    [
      { disconnect: { reason: 'bye', reasonCode: 7105 } },
      'disconnect | 7105 Session context terminated: bye',
    ],
    [
      { sessionContext: { sessionId: '5', sequenceId: '7', payloadSarState: 'BEGIN', payload: ['AA=='] } },
      'session_context | session 5, sequence 7 BEGIN',
    ],
    [{ noSessionContext: { payload: '////' } }, 'no_session_context | the payload is no Msg'],
    [{}, 'Record | no record type'],
  ])('%j', (type, summary) => {
    expect(ofRecord(type)).toBe(summary)
  })

  test('bytes that are no Record have none', () => {
    expect(summarize(new TextEncoder().encode('{"a":1}'))).toBeUndefined()
  })
})

const params = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`P${i}`, `${i}`]))

describe('requests', () => {
  test.each([
    [{ get: { paramPaths: ['Device.A.', 'Device.B.', 'Device.C.'] } }, 'GET | Device.A. +2'],
    [{ getSupportedDm: { objPaths: ['Device.'] } }, 'GET_SUPPORTED_DM | Device.'],
    [{ getInstances: { objPaths: ['Device.A.'] } }, 'GET_INSTANCES | Device.A.'],
    [
      {
        set: {
          updateObjs: [
            { objPath: 'Device.A.', paramSettings: [{ param: 'X', value: '1' }] },
            { objPath: 'Device.B.', paramSettings: [{ param: 'Y', value: '2' }] },
          ],
        },
      },
      'SET | Device.A.X = 1 +1',
    ],
    [
      {
        add: {
          createObjs: [
            { objPath: 'Device.A.', paramSettings: [{ param: 'ID', value: 'x' }, { param: 'E' }] },
          ],
        },
      },
      'ADD | Device.A. ID=x, E=',
    ],
    [{ delete: { objPaths: ['Device.A.1.', 'Device.A.2.'] } }, 'DELETE | Device.A.1. +1'],
    [
      { operate: { command: 'Device.Reboot()', commandKey: 'k', inputArgs: { Cause: 'x' } } },
      'OPERATE | Device.Reboot() key=k Cause=x',
    ],
    [
      { getSupportedProtocol: { controllerSupportedProtocolVersions: '1.0,1.4' } },
      'GET_SUPPORTED_PROTO | 1.0,1.4',
    ],
    [{ register: { regPaths: [{ path: 'Device.A.' }, { path: 'Device.B.' }] } }, 'REGISTER | Device.A. +1'],
    [{ deregister: { paths: ['Device.A.'] } }, 'DEREGISTER | Device.A.'],
  ])('%j', (request, summary) => {
    expect(ofBody({ request })).toBe(summary)
  })
})

describe('notifications', () => {
  test.each([
    [
      {
        event: {
          objPath: 'Device.',
          eventName: 'Boot!',
          params: { Cause: 'LocalReboot', ParameterMap: '{}' },
        },
      },
      'NOTIFY Boot! | LocalReboot',
    ],
    [
      { event: { objPath: 'Device.', eventName: 'Boot!', params: { Cause: 'X', FirmwareUpdated: 'true' } } },
      'NOTIFY Boot! | X (firmware updated)',
    ],
    [
      { event: { objPath: 'Device.LocalAgent.', eventName: 'Periodic!', params: {} } },
      'NOTIFY Periodic! | Device.LocalAgent.',
    ],
    [{ valueChange: { paramPath: 'Device.A.X', paramValue: '2' } }, 'NOTIFY ValueChange | Device.A.X = 2'],
    [
      { objCreation: { objPath: 'Device.A.1.', uniqueKeys: { Alias: 'a' } } },
      'NOTIFY ObjectCreation | Device.A.1. Alias=a',
    ],
    [{ objDeletion: { objPath: 'Device.A.1.' } }, 'NOTIFY ObjectDeletion | Device.A.1.'],
    [
      {
        operComplete: {
          objPath: 'Device.',
          commandName: 'Ping()',
          commandKey: 'k',
          reqOutputArgs: { outputArgs: params(5) },
        },
      },
      'NOTIFY OperationComplete | Device.Ping() key=k P0=0, P1=1, P2=2 +2',
    ],
    [
      { operComplete: { objPath: 'Device.', commandName: 'Ping()', cmdFailure: { errCode: 7023 } } },
      'NOTIFY OperationComplete | Device.Ping() 7023 Command canceled',
    ],
    [
      { onBoardReq: { oui: '00256D', productClass: 'CPE', serialNumber: '1' } },
      'NOTIFY OnBoardRequest | 00256D CPE 1',
    ],
    [{ subscriptionId: 'sub-1' }, 'NOTIFY | sub-1'],
  ])('%j', (notify, summary) => {
    expect(ofBody({ request: { notify } })).toBe(summary)
  })
})

const failure = { operFailure: { errCode: 7016, errMsg: 'gone' } }

describe('responses', () => {
  test.each([
    [
      {
        getResp: {
          reqPathResults: [
            {
              requestedPath: 'Device.A.X',
              resolvedPathResults: [{ resolvedPath: 'Device.A.', resultParams: { X: '1' } }],
            },
          ],
        },
      },
      'GET_RESP | Device.A.X = 1',
    ],
    [
      {
        getResp: {
          reqPathResults: [
            {
              requestedPath: 'Device.A.',
              resolvedPathResults: [{ resolvedPath: 'Device.A.', resultParams: params(5) }],
            },
            { requestedPath: 'Device.N.', errCode: 7026, errMsg: 'what' },
          ],
        },
      },
      'GET_RESP | 2 results, 5 parameters, 1 failed: Device.N. 7026 Invalid path: what',
    ],
    [{ getResp: {} }, 'GET_RESP | 0 results'],
    [
      { getSupportedDmResp: { reqObjResults: [{ supportedObjs: [{}, {}] }] } },
      'GET_SUPPORTED_DM_RESP | 1 result, 2 objects',
    ],
    [
      { getInstancesResp: { reqPathResults: [{ currInsts: [{}, {}, {}] }] } },
      'GET_INSTANCES_RESP | 1 result, 3 instances',
    ],
    [
      {
        setResp: {
          updatedObjResults: [
            {
              operStatus: {
                operSuccess: {
                  updatedInstResults: [{ affectedPath: 'Device.A.1.' }, { affectedPath: 'Device.A.2.' }],
                },
              },
            },
          ],
        },
      },
      'SET_RESP | Device.A.1. +1',
    ],
    [
      { setResp: { updatedObjResults: [{ requestedPath: 'Device.A.9.', operStatus: failure }] } },
      'SET_RESP | 1 failed: Device.A.9. 7016 Object does not exist: gone',
    ],
    [
      {
        addResp: {
          createdObjResults: [{ operStatus: { operSuccess: { instantiatedPath: 'Device.A.3.' } } }],
        },
      },
      'ADD_RESP | Device.A.3.',
    ],
    [
      { addResp: { createdObjResults: [{ requestedPath: 'Device.A.' }] } },
      'ADD_RESP | 1 failed: Device.A. without a status',
    ],
    [
      { deleteResp: { deletedObjResults: [{ operStatus: { operSuccess: { affectedPaths: [] } } }] } },
      'DELETE_RESP | nothing affected',
    ],
    [
      {
        operateResp: {
          operationResults: [{ executedCommand: 'Device.T()', reqObjPath: 'Device.LocalAgent.Request.1.' }],
        },
      },
      'OPERATE_RESP | Device.T() → Device.LocalAgent.Request.1.',
    ],
    [
      { operateResp: { operationResults: [{ executedCommand: 'Device.T()', reqOutputArgs: {} }] } },
      'OPERATE_RESP | Device.T()',
    ],
    [
      {
        operateResp: { operationResults: [{ executedCommand: 'Device.T()', cmdFailure: { errCode: 7022 } }] },
      },
      'OPERATE_RESP | Device.T() → 7022 Command failure',
    ],
    [{ notifyResp: { subscriptionId: 's' } }, 'NOTIFY_RESP | s'],
    [
      { getSupportedProtocolResp: { agentSupportedProtocolVersions: '1.0' } },
      'GET_SUPPORTED_PROTO_RESP | 1.0',
    ],
    [
      {
        registerResp: {
          registeredPathResults: [{ operStatus: { operSuccess: { registeredPath: 'Device.A.' } } }],
        },
      },
      'REGISTER_RESP | Device.A.',
    ],
    [
      {
        deregisterResp: {
          deregisteredPathResults: [{ operStatus: { operSuccess: { deregisteredPath: ['Device.A.'] } } }],
        },
      },
      'DEREGISTER_RESP | Device.A.',
    ],
  ])('%j', (response, summary) => {
    expect(ofBody({ response })).toBe(summary)
  })
})

test('an Error tells code, name, message and the first parameter', () => {
  const error = {
    errCode: 7004,
    errMsg: 'no',
    paramErrs: [{ paramPath: 'Device.A.X', errCode: 7013, errMsg: 'read-only' }, { paramPath: 'Device.A.Y' }],
  }
  expect(ofBody({ error })).toBe(
    'ERROR 7004 | Invalid arguments: no; Device.A.X 7013 Attempt to update non-writeable parameter: read-only +1',
  )
  expect(ofBody({ error: { errCode: 7900, errMsg: 'x' } })).toBe('ERROR 7900 | Vendor specific: x')
  expect(ofBody({ error: { errCode: 12, errMsg: 'x' } })).toBe('ERROR 12 | x')
})

test('a very long line says that it was cut', () => {
  const summary = ofBody({ request: { get: { paramPaths: [`Device.${'A'.repeat(1000)}`] } } })
  expect(summary).toHaveLength('GET | '.length + 300)
  expect(summary?.endsWith('A…')).toBe(true)
})
