/** Of each rule: a conversation that breaks it, and one beside it that does not. */
import { configurationCases } from './configuration-cases.ts'
import { AGENT, type Talk, user } from './talk.ts'

type Json = Record<string, never>
const json = (value: unknown): Json => value as Json

export interface Case {
  readonly breaks: (talk: Talk) => void
  readonly keeps: (talk: Talk) => void
  /** Other rules that the breaking one breaks too. */
  readonly also?: readonly string[]
}

const notify = (notification: object, more: object = { subscriptionId: 's', sendResp: false }) =>
  json({ notify: { ...more, ...notification } })
const boot = notify({ event: { objPath: 'Device.', eventName: 'Boot!' } })
const get = (...paramPaths: string[]) => json({ get: { paramPaths } })
const getResp = (requestedPath: string, resolvedPath: string, resultParams: object) =>
  json({
    getResp: { reqPathResults: [{ requestedPath, resolvedPathResults: [{ resolvedPath, resultParams }] }] },
  })
const value = getResp('Device.X.Name', 'Device.X.', { Name: 'a' })
const onBoard = {
  oui: '012345',
  productClass: 'p',
  serialNumber: 's',
  agentSupportedProtocolVersions: '1.3,1.4',
}
const session = (context: object) =>
  json({ sessionContext: { sessionId: '5', sequenceId: '1', expectedId: '1', payload: [''], ...context } })
const supported = (object: object) =>
  json({
    getSupportedDmResp: {
      reqObjResults: [
        { reqObjPath: 'Device.', supportedObjs: [{ supportedObjPath: 'Device.X.{i}.', ...object }] },
      ],
    },
  })

/** A request of the controller that the agent has, and its answer. */
const exchange =
  (type: string, request: Json, responseType: string, response: Json, version = '1.4') =>
  (talk: Talk): void => {
    const { agent, controller } = talk.pair()
    controller.request(type, 'm', request, { version })
    agent.response(responseType, 'm', response, { version })
  }
const asking = (type: string, request: Json) => (talk: Talk) =>
  void talk.controller().request(type, 'm', request)
const telling =
  (notification: Json, version = '1.4') =>
  (talk: Talk) =>
    void talk.agent().request('NOTIFY', 'm', notification, { version })

const GET_BYTES = [0x0a, 0x01, 0x61]

export const cases: Readonly<Record<string, Case>> = {
  ...configurationCases,
  'mqtt-malformed': {
    breaks: (talk) => talk.take(talk.agent().connection, 'in', Uint8Array.of(0x30, 0x00)),
    keeps: (talk) => talk.agent().in({ type: 'PINGREQ' }),
  },
  'usp-endpoint-id-syntax': {
    breaks: (talk) => talk.agent({ id: 'os::012345A1' }),
    keeps: (talk) => talk.agent({ id: 'self:me:x' }).in({ type: 'PINGREQ' }),
    also: ['endpoint-id'],
  },
  'usp-endpoint-id-twice': {
    breaks: (talk) => {
      const properties = [user('usp-endpoint-id', AGENT), user('usp-endpoint-id', 'self::b')]
      talk.agent({ properties: [{ name: 'requestResponseInformation', value: 1 }, ...properties] })
    },
    keeps: (talk) => talk.agent(),
  },
  'broker-maximum-qos': {
    breaks: (talk) => talk.agent({ connack: [{ name: 'maximumQos', value: 0 }] }),
    keeps: (talk) => talk.agent({ connack: [{ name: 'maximumQos', value: 1 }] }),
  },
  'mqtt-version': {
    breaks: (talk) => talk.agent({ level: 3, clientId: AGENT }),
    keeps: (talk) => talk.agent({ level: 4, clientId: AGENT }),
  },
  'usp-endpoint-id': {
    breaks: (talk) =>
      talk.agent({
        properties: [{ name: 'requestResponseInformation', value: 1 }, user('USP-Endpoint-ID', AGENT)],
      }),
    keeps: (talk) => talk.agent({ level: 4 }),
  },
  'payload-encoding': {
    breaks: (talk) => talk.agent().publish(new TextEncoder().encode('{"header":{}}')),
    keeps: (talk) =>
      talk.agent().publish(new TextEncoder().encode('{"a":1}'), { contentType: 'application/json' }),
  },
  'response-topic': {
    breaks: (talk) => talk.agent().request('NOTIFY', 'm', boot, { replyTo: null }),
    keeps: (talk) => talk.agent().request('NOTIFY', 'm', boot),
  },
  'reply-to': {
    breaks: (talk) => talk.agent({ level: 4 }).request('NOTIFY', 'm', boot, { replyTo: null }),
    keeps: (talk) => talk.agent({ level: 4 }).request('NOTIFY', 'm', boot),
  },
  'content-type': {
    breaks: (talk) => talk.agent().request('NOTIFY', 'm', boot, { contentType: 'application/octet-stream' }),
    keeps: (talk) => talk.agent().request('NOTIFY', 'm', boot),
  },
  'record-required': {
    breaks: (talk) => talk.agent().request('NOTIFY', 'm', boot, { to: '' }),
    keeps: telling(boot),
    also: ['connect-record-first'],
  },
  'record-version': {
    breaks: (talk) => talk.agent().request('NOTIFY', 'm', boot, { version: 'v1' }),
    keeps: telling(boot, '1.10'),
  },
  'endpoint-id': {
    breaks: (talk) => talk.agent({ id: 'nobody' }),
    keeps: (talk) => talk.agent({ id: 'uuid::f81d4fae-7dec-11d0-a765-00a0c91e6bf6' }),
    also: ['usp-endpoint-id-syntax'],
  },
  'same-endpoint': {
    breaks: (talk) => talk.agent().greet({ to: AGENT }),
    keeps: (talk) => talk.agent(),
  },
  'record-oneof': {
    // A second record type: disconnect (12), empty.
    breaks: (talk) => talk.agent().request('NOTIFY', 'm', boot, { more: [0x62, 0x00] }),
    keeps: telling(boot),
    also: ['disconnect-reason'],
  },
  'record-schema': {
    // mac_signature (5) as bytes that are there, in a wrong wire type: a varint within mqtt_connect.
    breaks: (talk) => talk.agent().record(json({}), { more: [0x52, 0x04, 0x10, 0x01, 0x08, 0x01] }),
    keeps: (talk) => talk.agent().greet(),
    also: ['record-required'],
  },
  'record-enum': {
    breaks: (talk) => talk.agent().greet({ more: [0x52, 0x02, 0x08, 0x09] }),
    keeps: (talk) => talk.agent().greet(),
    also: ['connect-record-version', 'record-required'],
  },
  'payload-security': {
    breaks: (talk) =>
      talk.agent().request('NOTIFY', 'm', boot, { record: json({ payloadSecurity: 'TLS12' }) }),
    keeps: (talk) =>
      talk.agent().record(session({ payload: ['AA=='] }), { record: json({ payloadSecurity: 'TLS12' }) }),
  },
  'record-payload': {
    breaks: (talk) => talk.agent().record(json({ noSessionContext: {} })),
    keeps: telling(boot),
  },
  'session-id': {
    breaks: (talk) => talk.agent().record(session({ sessionId: '1' })),
    keeps: (talk) => talk.agent().record(session({ sessionId: '2' })),
  },
  'segment-state': {
    breaks: (talk) => talk.agent().record(session({ payloadrecSarState: 'BEGIN' })),
    keeps: (talk) => talk.agent().record(session({ payloadSarState: 'BEGIN', payloadrecSarState: 'BEGIN' })),
  },
  'connect-record-kind': {
    breaks: (talk) =>
      talk.agent({ greets: false }).record(json({ stompConnect: { subscribedDestination: 'a' } })),
    keeps: (talk) => talk.agent(),
  },
  'connect-record-wildcard': {
    breaks: (talk) =>
      talk.agent().record(json({ mqttConnect: { version: 'V5', subscribedTopic: 'usp/agent/#' } })),
    keeps: (talk) => talk.agent(),
    also: ['connect-record-topic'],
  },
  'msg-header': {
    breaks: (talk) => {
      const agent = talk.agent()
      agent.record(agent.msgRecord(json({ body: { request: boot } })))
    },
    keeps: telling(boot),
  },
  'msg-body': {
    breaks: (talk) => {
      const agent = talk.agent()
      agent.record(agent.msgRecord(json({ header: { msgId: 'm', msgType: 'NOTIFY' }, body: {} })))
    },
    keeps: telling(boot),
  },
  'msg-id': {
    breaks: (talk) => talk.agent().request('NOTIFY', '', boot),
    keeps: telling(boot),
  },
  'msg-oneof': {
    // Another body (field 2) whose msg_body is an Error (3): as merged bodies protobuf shows only the last.
    breaks: telling(notify({})),
    keeps: telling(boot),
  },
  'msg-schema': {
    // The msg_id (1) of a second header as a varint.
    breaks: (talk) =>
      talk.controller().request('GET', 'm', get('Device.'), { moreMsg: [0x0a, 0x02, 0x08, 0x01] }),
    keeps: asking('GET', get('Device.')),
    also: ['msg-header', 'msg-id', 'msg-type'],
  },
  'msg-enum': {
    breaks: (talk) => {
      const controller = talk.controller()
      const bytes = [0x0a, 0x05, ...GET_BYTES, 0x10, 0x63, 0x12, 0x0d, 0x0a, 0x0b, 0x0a, 0x09, 0x0a, 0x07]
      const msg = Uint8Array.from([...bytes, ...new TextEncoder().encode('Device.')])
      controller.record(json({ noSessionContext: { payload: Buffer.from(msg).toString('base64') } }))
    },
    keeps: asking('GET', get('Device.')),
  },
  'notify-subscription-id': {
    breaks: telling(notify({ event: { objPath: 'Device.', eventName: 'Boot!' } }, {})),
    keeps: telling(notify({ onBoardReq: onBoard }, { sendResp: true })),
  },
  'onboard-send-resp': {
    breaks: telling(notify({ onBoardReq: onBoard }, {})),
    keeps: telling(notify({ onBoardReq: onBoard }, {}), '1.3'),
  },
  'protocol-versions': {
    breaks: asking(
      'GET_SUPPORTED_PROTO',
      json({ getSupportedProtocol: { controllerSupportedProtocolVersions: '1.3;1.4' } }),
    ),
    keeps: asking(
      'GET_SUPPORTED_PROTO',
      json({ getSupportedProtocol: { controllerSupportedProtocolVersions: '1.3, 1.4' } }),
    ),
    also: ['record-version-announced'],
  },
  'path-syntax': {
    breaks: asking('GET', get('Device.Hosts[Active==true]..Name')),
    keeps: asking(
      'GET',
      get('Device.WiFi.SSID.[Enable==true&&SSID=="a.b[c"].Name', 'Device.IP.Interface.*.LowerLayers#1+.Name'),
    ),
  },
  'reported-path-syntax': {
    breaks: telling(notify({ objCreation: { objPath: 'Device.X.Y' } })),
    keeps: telling(notify({ objCreation: { objPath: 'Device.X.Y.3.' } })),
  },
  'instance-numbers': {
    breaks: telling(notify({ valueChange: { paramPath: 'Device.X.*.Name', paramValue: 'a' } })),
    keeps: telling(notify({ valueChange: { paramPath: 'Device.X.1.Name', paramValue: 'a' } })),
  },
  'notify-names': {
    breaks: telling(notify({ event: { objPath: 'Device.', eventName: 'Boot' } })),
    keeps: telling(boot),
  },
  'request-row': {
    breaks: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.Go()', sendResp: true } }),
      'OPERATE_RESP',
      json({
        operateResp: {
          operationResults: [{ executedCommand: 'Device.Go()', reqObjPath: 'Device.Request.1' }],
        },
      }),
    ),
    keeps: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.Go()', sendResp: true } }),
      'OPERATE_RESP',
      json({
        operateResp: {
          operationResults: [{ executedCommand: 'Device.Go()', reqObjPath: 'Device.LocalAgent.Request.1.' }],
        },
      }),
    ),
  },
  'request-row-twice': {
    breaks: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.X.*.Go()', sendResp: true } }),
      'OPERATE_RESP',
      json({
        operateResp: {
          operationResults: [1, 2].map((n) => ({
            executedCommand: `Device.X.${n}.Go()`,
            reqObjPath: 'Device.LocalAgent.Request.1.',
          })),
        },
      }),
    ),
    keeps: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.X.*.Go()', sendResp: true } }),
      'OPERATE_RESP',
      json({
        operateResp: {
          operationResults: [1, 2].map((n) => ({
            executedCommand: `Device.X.${n}.Go()`,
            reqObjPath: `Device.LocalAgent.Request.${n}.`,
          })),
        },
      }),
    ),
  },
  'register-path': {
    breaks: (talk) =>
      talk.agent().request('REGISTER', 'm', json({ register: { regPaths: [{ path: 'Device.X.{i}.' }] } })),
    keeps: (talk) =>
      talk.agent().request('REGISTER', 'm', json({ register: { regPaths: [{ path: 'Device.X.' }] } })),
  },
  'supported-path': {
    breaks: exchange(
      'GET_SUPPORTED_DM',
      json({ getSupportedDm: { objPaths: ['Device.'] } }),
      'GET_SUPPORTED_DM_RESP',
      supported({ supportedObjPath: 'Device.X.1.' }),
    ),
    keeps: exchange(
      'GET_SUPPORTED_DM',
      json({ getSupportedDm: { objPaths: ['Device.'] } }),
      'GET_SUPPORTED_DM_RESP',
      supported({}),
    ),
  },
  'error-code': {
    breaks: (talk) => exchangeError(talk, get('Device.X'), 'GET', { errCode: 9003 }),
    keeps: (talk) => exchangeError(talk, get('Device.X'), 'GET', { errCode: 7802 }),
  },
  'error-code-missing': {
    breaks: (talk) => exchangeError(talk, get('Device.X'), 'GET', {}),
    keeps: (talk) => exchangeError(talk, get('Device.X'), 'GET', { errCode: 7003 }),
  },
  'client-id-changed': {
    breaks: (talk) => {
      talk.agent({ clientId: 'a' }).disconnect().close('device')
      talk.agent({ clientId: 'b' })
    },
    keeps: (talk) => {
      talk.agent({ clientId: '', connack: [{ name: 'assignedClientIdentifier', value: 'x' }] }).close()
      talk.agent({ clientId: 'x' })
    },
    also: ['no-disconnect-record'],
  },
  'client-id-shared': {
    breaks: (talk) => {
      talk.agent({ clientId: 'a' })
      talk.agent({ id: 'os::012345-A2', clientId: 'a' })
    },
    keeps: (talk) => {
      talk.agent({ clientId: 'a' })
      talk.agent({ id: 'os::012345-A2', clientId: 'b' })
    },
  },
  'subscribe-topic': {
    breaks: (talk) => {
      const agent = talk.agent({
        connack: [user('subscribe-topic', 'usp/other'), user('subscribe-topic', 'usp/agent')],
      })
      talk.wait(11)
      agent.in({ type: 'PINGREQ' })
    },
    keeps: (talk) => {
      talk.agent({ connack: [user('subscribe-topic', 'usp/agent')] })
      talk.wait(11)
    },
  },
  'response-information-subscribed': {
    breaks: (talk) => {
      talk.agent({ connack: [{ name: 'responseInformation', value: 'other' }] })
      talk.wait(11)
    },
    keeps: (talk) => {
      talk.agent({ connack: [{ name: 'responseInformation', value: 'usp/agent' }], filters: ['usp/#'] })
      talk.wait(11)
    },
    also: ['response-topic-information'],
  },
  'stays-unsubscribed': {
    breaks: (talk) => talk.agent({ granted: 0x87, greets: false }).in({ type: 'PINGREQ' }),
    keeps: (talk) => talk.agent({ granted: 0x87, greets: false }).disconnect(),
  },
  'record-before-subscription': {
    breaks: (talk) => talk.agent({ filters: [] }),
    keeps: (talk) => talk.agent({ filters: [], sessionPresent: true }),
  },
  'response-topic-information': {
    breaks: (talk) =>
      talk.agent({
        connack: [{ name: 'responseInformation', value: 'usp/+' }],
        filters: ['usp/+', 'usp/agent'],
      }),
    keeps: (talk) => talk.agent({ connack: [{ name: 'responseInformation', value: 'usp/agent' }] }),
  },
  'response-topic-subscribed': {
    breaks: (talk) => talk.agent().request('NOTIFY', 'm', boot, { replyTo: 'usp/elsewhere' }),
    keeps: (talk) => talk.agent({ filters: ['usp/+'] }).request('NOTIFY', 'm', boot),
  },
  'from-id': {
    breaks: (talk) => talk.agent().greet({ from: 'os::012345-B9' }),
    keeps: (talk) => talk.agent().greet(),
  },
  'connect-record-first': {
    breaks: (talk) => talk.agent({ greets: false }).request('NOTIFY', 'm', boot),
    keeps: (talk) => talk.agent({ greets: false }).request('NOTIFY', 'm', boot, { version: '1.1' }),
  },
  'connect-record-version': {
    breaks: (talk) =>
      talk.agent().record(json({ mqttConnect: { version: 'V3_1_1', subscribedTopic: 'usp/agent' } })),
    keeps: (talk) => talk.agent({ level: 4 }),
  },
  'connect-record-topic': {
    breaks: (talk) => talk.agent().record(json({ mqttConnect: { version: 'V5', subscribedTopic: 'usp/b' } })),
    keeps: (talk) => talk.agent({ filters: ['usp/#'] }),
  },
  'to-id-topic': {
    breaks: (talk) => {
      talk.agent()
      talk.controller().request('GET', 'm', get('Device.'), { topic: 'usp/agents' })
    },
    keeps: (talk) => {
      talk.agent({ filters: ['usp/agent/#'] })
      talk.controller().request('GET', 'm', get('Device.'), { topic: 'usp/agent/1' })
    },
  },
  'answer-type': {
    breaks: exchange('GET', get('Device.X.'), 'SET_RESP', json({ setResp: {} })),
    keeps: exchange('GET', get('Device.X.Name'), 'GET_RESP', value),
  },
  'answer-topic': {
    breaks: (talk) => {
      const { agent, controller } = talk.pair({})
      controller.subscribe(['usp/back'])
      controller.request('GET', 'm', get('Device.X.Name'), { replyTo: 'usp/back' })
      agent.response('GET_RESP', 'm', value)
    },
    keeps: (talk) => {
      const { agent, controller } = talk.pair({ level: 4 })
      controller.request('GET', 'm', get('Device.X.Name'))
      agent.response('GET_RESP', 'm', value)
    },
  },
  'answer-record-type': {
    breaks: (talk) => {
      const { agent, controller } = talk.pair()
      controller.request('GET', 'm', get('Device.X.Name'))
      const { noSessionContext } = agent.msgRecord(
        json({ header: { msgId: 'm', msgType: 'GET_RESP' }, body: { response: value } }),
      ) as unknown as { noSessionContext: { payload: string } }
      agent.record(session({ payload: [noSessionContext.payload] }))
    },
    keeps: exchange('GET', get('Device.X.Name'), 'GET_RESP', value),
  },
  'requested-path': {
    breaks: exchange('GET', get('Device.X.Name', 'Device.Y.'), 'GET_RESP', value),
    keeps: exchange('GET', get('Device.X.Name'), 'GET_RESP', value),
  },
  'get-parameter': {
    breaks: exchange(
      'GET',
      get('Device.X.Name'),
      'GET_RESP',
      getResp('Device.X.Name', 'Device.X.', { Name: 'a', Other: 'b' }),
    ),
    keeps: exchange(
      'GET',
      get('Device.X.*.Name'),
      'GET_RESP',
      getResp('Device.X.*.Name', 'Device.X.1.', { Name: 'a' }),
    ),
  },
  'get-max-depth': {
    breaks: exchange(
      'GET',
      json({ get: { paramPaths: ['Device.X.'], maxDepth: 1 } }),
      'GET_RESP',
      getResp('Device.X.', 'Device.X.Y.', { Name: 'a' }),
    ),
    keeps: exchange(
      'GET',
      json({ get: { paramPaths: ['Device.X.'], maxDepth: 2 } }),
      'GET_RESP',
      getResp('Device.X.', 'Device.X.Y.', { Name: 'a' }),
    ),
  },
  'first-level-only': {
    breaks: exchange(
      'GET_INSTANCES',
      json({ getInstances: { objPaths: ['Device.X.'], firstLevelOnly: true } }),
      'GET_INSTANCES_RESP',
      json({
        getInstancesResp: {
          reqPathResults: [
            { requestedPath: 'Device.X.', currInsts: [{ instantiatedObjPath: 'Device.X.1.Y.1.' }] },
          ],
        },
      }),
    ),
    keeps: exchange(
      'GET_INSTANCES',
      json({ getInstances: { objPaths: ['Device.X.'], firstLevelOnly: true } }),
      'GET_INSTANCES_RESP',
      json({
        getInstancesResp: {
          reqPathResults: [
            { requestedPath: 'Device.X.', currInsts: [{ instantiatedObjPath: 'Device.X.1.' }] },
          ],
        },
      }),
    ),
  },
  'notify-resp-subscription': {
    breaks: (talk) => notified(talk, 'other'),
    keeps: (talk) => notified(talk, 's'),
  },
  'allow-partial': {
    breaks: exchange(
      'ADD',
      json({ add: { createObjs: [{ objPath: 'Device.X.' }] } }),
      'ADD_RESP',
      json({
        addResp: {
          createdObjResults: [{ requestedPath: 'Device.X.', operStatus: { operFailure: { errCode: 7017 } } }],
        },
      }),
    ),
    keeps: exchange(
      'SET',
      json({ set: { updateObjs: [{ objPath: 'Device.X.*.' }] } }),
      'SET_RESP',
      json({
        setResp: {
          updatedObjResults: [
            { requestedPath: 'Device.X.*.', operStatus: { operFailure: { errCode: 7012 } } },
          ],
        },
      }),
    ),
  },
  'deregister-error': {
    breaks: (talk) => {
      const { agent, controller } = talk.pair()
      agent.request('DEREGISTER', 'm', json({ deregister: { paths: [''] } }))
      controller.error('m', json({ errCode: 7003 }))
    },
    keeps: (talk) => {
      const { agent, controller } = talk.pair()
      agent.request('DEREGISTER', 'm', json({ deregister: { paths: [''] } }))
      controller.response('DEREGISTER_RESP', 'm', json({ deregisterResp: {} }))
    },
  },
  'orphan-answer': {
    breaks: (talk) => {
      const { agent, controller } = talk.pair()
      controller.request('GET', 'm', get('Device.X.Name'))
      agent.response('GET_RESP', 'n', value)
    },
    keeps: (talk) => {
      // The controller is not in the capture: who knows what it asked.
      talk.agent().response('GET_RESP', 'n', value)
    },
  },
  'msg-id-reused': {
    breaks: (talk) =>
      talk.controller().request('GET', 'm', get('Device.')).request('GET', 'm', get('Device.X.')),
    keeps: (talk) =>
      talk.controller().request('GET', 'm', get('Device.')).request('GET', 'n', get('Device.X.')),
  },
  'sequence-id': {
    breaks: (talk) =>
      talk
        .agent()
        .record(session({}))
        .record(session({ sequenceId: '3' })),
    keeps: (talk) =>
      talk
        .agent()
        .record(session({}))
        .record(session({ sequenceId: '2' }))
        .record(session({ sequenceId: '2' })),
  },
  'expected-id': {
    breaks: (talk) =>
      talk
        .agent()
        .record(session({ expectedId: '2' }))
        .record(session({ sequenceId: '2', expectedId: '1' })),
    keeps: (talk) =>
      talk
        .agent()
        .record(session({}))
        .record(session({ sequenceId: '2', expectedId: '2' })),
  },
  'session-security': {
    breaks: (talk) =>
      talk
        .agent()
        .record(session({}))
        .record(session({ sequenceId: '2' }), { record: json({ payloadSecurity: 'TLS12' }) }),
    keeps: (talk) =>
      talk
        .agent()
        .record(session({}))
        .record(session({ sessionId: '6' }), { record: json({ payloadSecurity: 'TLS12' }) }),
  },
  'segment-order': {
    breaks: (talk) =>
      talk
        .agent()
        .record(session(segment('BEGIN')))
        .record(session({ sequenceId: '2' })),
    keeps: (talk) =>
      talk
        .agent()
        .record(session(segment('BEGIN')))
        .record(session({ sequenceId: '2', ...segment('COMPLETE') })),
  },
  unanswered: {
    breaks: (talk) => asked(talk, 31),
    keeps: (talk) => asked(talk, 29),
  },
  'reconnect-too-soon': {
    breaks: (talk) => {
      talk.agent({ connackCode: 0x87 }).close('bench')
      talk.wait(1).agent()
    },
    keeps: (talk) => {
      talk.agent({ connackCode: 0x87 }).close('bench')
      // Another user name: somebody configured it.
      talk.wait(1).agent({ username: 'other', connackCode: 0x87 }).close('bench')
      talk.wait(6).agent({ username: 'other' })
    },
  },
  'notify-retry-time': {
    breaks: (talk) => retried(talk, [2]),
    keeps: (talk) => retried(talk, [7, 12, 38, 65]),
  },
  'notify-retry-unwanted': {
    breaks: (talk) => {
      const agent = talk.agent().request('NOTIFY', 'm', boot)
      talk.wait(7)
      agent.request('NOTIFY', 'm', boot)
    },
    keeps: (talk) => retried(talk, [7]),
  },
  'notify-retry-answered': {
    breaks: (talk) => {
      notified(talk, 's')
      talk.wait(7)
      notified(talk, 's')
    },
    keeps: (talk) => retried(talk, [7]),
  },
  'notify-late': {
    breaks: (talk) => changed(talk, 13),
    keeps: (talk) => changed(talk, 8),
  },
  'keep-alive': {
    breaks: (talk) => {
      const agent = talk.agent({ keepAlive: 60, connack: [{ name: 'serverKeepAlive', value: 20 }] })
      talk.wait(40)
      agent.in({ type: 'PINGREQ' })
    },
    keeps: (talk) => {
      const agent = talk.agent({ keepAlive: 60 })
      talk.wait(61)
      agent.in({ type: 'PINGREQ' })
    },
  },
  'mqtt-5': {
    breaks: (talk) => talk.agent({ level: 4 }),
    keeps: (talk) => talk.agent(),
  },
  'request-response-information': {
    breaks: (talk) => talk.agent({ properties: [user('usp-endpoint-id', AGENT)] }),
    keeps: (talk) => talk.agent({ level: 4 }),
  },
  'client-id-empty': {
    breaks: (talk) => talk.agent({ level: 4, clientId: '' }),
    keeps: (talk) =>
      talk.agent({ clientId: '', connack: [{ name: 'assignedClientIdentifier', value: 'x' }] }),
    also: ['mqtt-5'],
  },
  'client-id-endpoint': {
    breaks: (talk) => talk.agent({ level: 4, clientId: 'x' }),
    keeps: (talk) => talk.agent({ clientId: 'x' }),
    also: ['mqtt-5'],
  },
  'content-type-old': {
    breaks: (talk) => talk.agent().greet({ contentType: 'application/vnd.bbf.usp.msg' }),
    keeps: (talk) => talk.agent(),
  },
  'usp-error-type': {
    breaks: (talk) =>
      talk.agent().publish(new TextEncoder().encode('err_code: 7004'), { contentType: 'usp.error' }),
    keeps: (talk) => talk.agent(),
  },
  'usp-err-id': {
    breaks: (talk) => talk.agent().greet({ properties: [user('usp-err-id', 'a/b')] }),
    keeps: (talk) => talk.agent().greet({ properties: [user('other', 'a/b')] }),
  },
  'retained-request': {
    breaks: (talk) => talk.controller().request('GET', 'm', get('Device.'), { retain: true }),
    // PublishRetainNotify of the device may allow it.
    keeps: (talk) => talk.agent().request('NOTIFY', 'm', boot, { retain: true }),
  },
  'payload-format-invalid': {
    breaks: (talk) => talk.agent().in({ type: 'PUBACK', packetId: 1, reasonCode: 0x99, properties: [] }),
    keeps: (talk) => talk.agent().in({ type: 'PUBACK', packetId: 1, reasonCode: 0x83, properties: [] }),
  },
  'no-disconnect': {
    breaks: (talk) => talk.agent().close('network'),
    keeps: (talk) => talk.controller().request('GET', 'm', get('Device.')).disconnect().close('device'),
  },
  'no-disconnect-record': {
    breaks: (talk) => talk.agent().disconnect().close('device'),
    keeps: (talk) =>
      talk
        .agent()
        .record(json({ disconnect: { reason: 'bye', reasonCode: 7105 } }))
        .disconnect()
        .close('device'),
  },
  'disconnect-reason': {
    breaks: (talk) => talk.agent().record(json({ disconnect: { reason: 'bye' } })),
    keeps: (talk) => talk.agent().record(json({ disconnect: { reason: 'bye', reasonCode: 7105 } })),
  },
  'endpoint-id-scheme': {
    breaks: (talk) => talk.agent({ id: 'proto::a' }),
    keeps: (talk) => talk.agent({ id: 'self::a' }),
  },
  'endpoint-id-oktopus': {
    breaks: (talk) => talk.controller({ id: 'oktopusController' }).request('GET', 'm', get('Device.')),
    keeps: (talk) => talk.agent().greet({ to: 'oktopusController' }),
  },
  'endpoint-id-forum': {
    breaks: (talk) => talk.agent({ id: 'oui:00256D:a' }),
    keeps: (talk) => talk.agent({ id: 'oui:0025AD:a' }),
  },
  'record-newer-fields': {
    breaks: (talk) => talk.agent().greet({ record: json({ originatorId: 'self::a' }) }),
    keeps: (talk) => talk.agent().greet({ record: json({ originatorId: 'self::a' }), version: '1.5' }),
  },
  'record-unknown-fields': {
    breaks: (talk) => talk.agent().greet({ more: [0xa2, 0x01, 0x00] }),
    keeps: (talk) => talk.agent().greet(),
  },
  'msg-type': {
    breaks: (talk) => talk.agent().request('GET', 'm', boot),
    // ERROR is 0, and not on the wire.
    keeps: (talk) => exchangeError(talk, get('Device.X'), 'GET', { errCode: 7003 }),
  },
  'operate-result': {
    breaks: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.Go()', sendResp: true } }),
      'OPERATE_RESP',
      json({ operateResp: { operationResults: [{ executedCommand: 'Device.Go()' }] } }),
    ),
    keeps: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.Go()', sendResp: true } }),
      'OPERATE_RESP',
      json({ operateResp: { operationResults: [{ executedCommand: 'Device.Go()', reqOutputArgs: {} }] } }),
    ),
  },
  'onboard-facts': {
    breaks: telling(notify({ onBoardReq: { ...onBoard, oui: 'ACME' } }, { sendResp: true })),
    keeps: telling(notify({ onBoardReq: onBoard }, { sendResp: true })),
  },
  'record-version-announced': {
    breaks: exchange(
      'GET_SUPPORTED_PROTO',
      json({ getSupportedProtocol: {} }),
      'GET_SUPPORTED_PROTO_RESP',
      json({ getSupportedProtocolResp: { agentSupportedProtocolVersions: '1.2,1.3' } }),
    ),
    keeps: exchange(
      'GET_SUPPORTED_PROTO',
      json({ getSupportedProtocol: {} }),
      'GET_SUPPORTED_PROTO_RESP',
      json({ getSupportedProtocolResp: { agentSupportedProtocolVersions: '1.2,1.3' } }),
      '1.3',
    ),
  },
  'msg-unknown-fields': {
    breaks: (talk) => talk.controller().request('GET', 'm', get('Device.'), { moreMsg: [0x1a, 0x00] }),
    keeps: asking('GET', get('Device.')),
  },
  'expression-blanks': {
    breaks: asking('GET', get('Device.X.[Enable == true].Name')),
    keeps: asking('GET', get('Device.X.[Name=="a == b"].Name')),
  },
  'get-dotted-keys': {
    breaks: exchange(
      'GET',
      get('Device.X.'),
      'GET_RESP',
      getResp('Device.X.', 'Device.X.', { 'Y.Name': 'a' }),
    ),
    keeps: exchange('GET', get('Device.X.'), 'GET_RESP', getResp('Device.X.', 'Device.X.', { Name: 'a' })),
  },
  'supported-unknown': {
    breaks: exchange(
      'GET_SUPPORTED_DM',
      json({ getSupportedDm: { objPaths: ['Device.'] } }),
      'GET_SUPPORTED_DM_RESP',
      supported({ supportedParams: [{ paramName: 'A' }] }),
    ),
    keeps: exchange(
      'GET_SUPPORTED_DM',
      json({ getSupportedDm: { objPaths: ['Device.'] } }),
      'GET_SUPPORTED_DM_RESP',
      supported({
        supportedParams: [{ paramName: 'A', valueType: 'PARAM_STRING', valueChange: 'VALUE_CHANGE_ALLOWED' }],
      }),
    ),
  },
  'error-code-scope': {
    breaks: exchange(
      'GET',
      get('Device.X'),
      'GET_RESP',
      json({ getResp: { reqPathResults: [{ requestedPath: 'Device.X', errCode: 7024 }] } }),
    ),
    keeps: exchange(
      'GET',
      get('Device.X'),
      'GET_RESP',
      json({ getResp: { reqPathResults: [{ requestedPath: 'Device.X', errCode: 7026 }] } }),
    ),
  },
  'answer-twice': {
    breaks: (talk) => {
      const { agent, controller } = talk.pair()
      controller.request('GET', 'm', get('Device.X.Name'))
      agent.response('GET_RESP', 'm', value).response('GET_RESP', 'm', value)
    },
    keeps: (talk) => {
      const { agent, controller } = talk.pair()
      for (let i = 0; i < 2; i++) {
        controller.request('GET', 'm', get('Device.X.Name'))
        agent.response('GET_RESP', 'm', value)
      }
    },
  },
  'answer-unwanted': {
    breaks: (talk) => {
      const { agent, controller } = talk.pair()
      agent.request('NOTIFY', 'm', boot)
      controller.response('NOTIFY_RESP', 'm', json({ notifyResp: { subscriptionId: 's' } }))
    },
    keeps: exchange(
      'OPERATE',
      json({ operate: { command: 'Device.Go()' } }),
      'OPERATE_RESP',
      json({
        operateResp: {
          operationResults: [{ executedCommand: 'Device.Go()', cmdFailure: { errCode: 7027 } }],
        },
      }),
    ),
  },
  'param-errs': {
    breaks: (talk) =>
      exchangeError(talk, get('Device.X'), 'GET', {
        errCode: 7000,
        paramErrs: [{ paramPath: 'Device.X', errCode: 7026 }],
      }),
    keeps: (talk) =>
      exchangeError(talk, json({ set: { updateObjs: [{ objPath: 'Device.X.' }] } }), 'SET', {
        errCode: 7004,
        paramErrs: [{ paramPath: 'Device.X.Y', errCode: 7013 }],
      }),
  },
}

function segment(state: string): object {
  return { payloadSarState: state, payloadrecSarState: state }
}

function exchangeError(talk: Talk, request: Json, type: string, error: object): void {
  const { agent, controller } = talk.pair()
  controller.request(type, 'm', request)
  agent.error('m', json(error))
}

/** A Notify that wants an answer, and its NotifyResp. */
function notified(talk: Talk, subscriptionId: string): void {
  const { agent, controller } = talk.pair()
  agent.request(
    'NOTIFY',
    'm',
    notify({ event: { objPath: 'Device.', eventName: 'Boot!' } }, { subscriptionId: 's', sendResp: true }),
  )
  controller.response('NOTIFY_RESP', 'm', json({ notifyResp: { subscriptionId } }))
}

/** A Notify without answer, sent again after each of these seconds. */
function retried(talk: Talk, gaps: readonly number[]): void {
  const agent = talk.agent()
  const one = notify(
    { event: { objPath: 'Device.', eventName: 'Boot!' } },
    { subscriptionId: 's', sendResp: true },
  )
  agent.request('NOTIFY', 'm', one)
  for (const gap of gaps) {
    talk.wait(gap)
    agent.request('NOTIFY', 'm', one)
  }
}

/** A Get that was delivered, and a look so many seconds later. */
function asked(talk: Talk, seconds: number): void {
  const { agent, controller } = talk.pair()
  controller.request('GET', 'm', get('Device.X.Name'))
  const record = controller.msgRecord(
    json({ header: { msgId: 'm', msgType: 'GET' }, body: { request: get('Device.X.Name') } }),
  )
  agent.publish(controller.recordBytes(record), { topic: 'usp/agent', replyTo: 'usp/controller' }, 'out')
  talk.wait(seconds)
}

/** A Set that is done, and the ValueChange it brings. */
function changed(talk: Talk, seconds: number): void {
  const path = {
    requestedPath: 'Device.X.',
    operStatus: {
      operSuccess: { updatedInstResults: [{ affectedPath: 'Device.X.', updatedParams: { Name: 'b' } }] },
    },
  }
  const { agent, controller } = talk.pair()
  controller.request(
    'SET',
    'm',
    json({ set: { updateObjs: [{ objPath: 'Device.X.', paramSettings: [{ param: 'Name', value: 'b' }] }] } }),
  )
  agent.response('SET_RESP', 'm', json({ setResp: { updatedObjResults: [path] } }))
  talk.wait(seconds)
  agent.request('NOTIFY', 'n', notify({ valueChange: { paramPath: 'Device.X.Name', paramValue: 'b' } }))
}
