/** The format: every key that may stand in a flow, what stands behind it, and what it is for. */
import {
  ACT_NAMES,
  ACTS,
  FLOW_VERSION,
  type Awaited,
  type Flow,
  type Limits,
  type Payload,
  type PropertyValues,
  type SendExpectation,
  type Step,
  type StepCommon,
  type StepKind,
} from '../model.ts'
import { isMap, type Json, type JsonMap } from '../json.ts'
import { propertyNames } from '../properties.ts'
import { expectedBody, expectedNotify, sentBody } from './body-shape.ts'
import { expression, filter, matcher } from './matcher-shape.ts'
import {
  anyValue,
  bool,
  duration,
  firstPlace,
  lazy,
  list,
  mapTo,
  name,
  object,
  objectSchema,
  oneOf,
  orTemplate,
  readKeys,
  text,
  unknownKey,
  whole,
  writeKeys,
  type Key,
  type Keys,
  type Shape,
} from './shape.ts'
import type { Remarks } from './source.ts'

/** Steps in one list, and those of one flow together. */
const MAX_STEPS = 2000
const MAX_TURNS = 1_000_000

const key = <T>(shape: Shape<T>, about: string): Key<T> => ({ shape, about })
const required = <T>(shape: Shape<T>, about: string): Key<T> => ({ shape, about, required: true })

const mapOfValues: Shape<JsonMap> = mapTo(anyValue)
const expressions = mapTo(expression, name)
const steps: Shape<readonly Step[]> = list(
  lazy(() => stepShape, 'step'),
  MAX_STEPS,
)

export const payload: Shape<Payload> = (() => {
  const full = object<Payload>(
    {
      text: key(text(), 'UTF-8 text'),
      hex: key(orTemplate(text('bytes in hexadecimal')), 'bytes in hexadecimal'),
      base64: key(orTemplate(text('bytes in base64')), 'bytes in base64'),
      json: key(anyValue, 'a value, sent as JSON'),
    },
    'A payload',
  )
  return {
    read(node, remarks) {
      if (node.kind === 'scalar' && node.value !== null) return { text: String(node.value) }
      const read = full.read(node, remarks)
      if (read === undefined || Object.keys(read).length === 1) return read
      remarks.error(node, 'A payload is written in one way: text, hex, base64 or json.')
      return undefined
    },
    write: (value) => (value.text === undefined ? full.write(value) : value.text),
    schema: () => ({ anyOf: [{ type: 'string' }, full.schema()] }),
  }
})()

const properties: Shape<PropertyValues> = object<PropertyValues>(
  Object.fromEntries(
    [...propertyNames].map(([name, { label }]) => [name, key(anyValue, label)]),
  ) as Keys<PropertyValues>,
  'MQTT properties',
)

const mqtt = {
  topic: key(text('a topic'), 'topic it is published to; the one the device listens to where left out'),
  reply_topic: key(
    text('a topic'),
    'where the answer is wanted (Response Topic, or /reply-to= on MQTT 3.1.1)',
  ),
  content_type: key(text(), 'Content Type; usp.msg where left out (R-MQTT.27)'),
  qos: key(orTemplate(whole(0, 2)), 'QoS 0, 1 or 2'),
  retain: key(orTemplate(bool), 'the RETAIN flag'),
  properties: key(properties, 'MQTT 5 properties'),
}

export const common: Keys<StepCommon> = {
  id: key(name, 'for expressions: steps.ID.answer'),
  name: key(text(), 'for the person who reads the result'),
  when: key(expression, 'the step is skipped where this is false'),
  on_failure: key(oneOf('stop', 'continue'), 'whether the flow ends when the step fails; stop'),
  gap: key(duration, 'time since the step before when it was recorded'),
  bind: key(expressions, 'variables that get a value from this step: name: expression'),
}
const within = key(duration, 'how long to wait; limits.answer where left out')
const from = key(text('an endpoint ID'), 'endpoint ID of the sender; the device under test where left out')
const since = key(
  oneOf('start', 'send', 'now'),
  'what has already come counts since: the start of the flow, the last step that sent or did something, or not at all',
)

export const awaited: Keys<Awaited> = {
  answer: key(name, 'id of the send step whose answer is meant'),
  is: key(expectedBody, 'what that answer is'),
  notify: key(expectedNotify, 'a Notify of the device'),
  message: key(expectedBody, 'any Msg of the device'),
  packet: key(filter, 'any packet that this filter takes'),
}
const awaitedShape: Shape<Awaited> = (() => {
  const full = object(awaited, 'What is waited for')
  return {
    ...full,
    read(node, remarks) {
      const read = full.read(node, remarks)
      if (read === undefined || node.kind !== 'map') return read
      if (node.entries.length === 0)
        remarks.error(node, 'Nothing is waited for.', 'Write notify, message, packet or answer.')
      const isEntry = node.entries.find((entry) => entry.key === 'is')
      if (isEntry && read.answer === undefined)
        remarks.error(isEntry.place, '"is" stands beside "answer".', 'Write message.')
      return read
    },
  }
})()

const SEND_WORDS = ['response', 'nothing', 'later'] as const
const sendExpectation: Shape<JsonMap | SendExpectation> = {
  read(node, remarks) {
    if (node.kind === 'map') return expectedBody.read(node, remarks)
    return oneOf(...SEND_WORDS).read(node, remarks)
  },
  write: (value) => (isMap(value as Json) ? expectedBody.write(value as JsonMap) : (value as string)),
  schema: () => ({ anyOf: [{ enum: [...SEND_WORDS] }, expectedBody.schema()] }),
}

type Own<K extends StepKind> = Omit<Extract<Step, { kind: K }>, keyof StepCommon | 'kind'>
type KindTable = { readonly [K in StepKind]: Keys<Own<K>> }

/** Keys of each kind of step beside the common ones. The one named like the kind decides which it is. */
export const stepKinds: KindTable = {
  send: {
    send: required(sentBody, 'a USP message: its name and what is in it; a fresh msg_id is given'),
    expect: key(
      sendExpectation,
      'the answer; response: any but an Error; nothing: none; later: an expect step asks. response where left out, later where none is owed',
    ),
    within,
    to: key(text('an endpoint ID'), 'endpoint ID of the receiver; the device under test where left out'),
    from: key(text('an endpoint ID'), 'from_id of the Record; that of the controller where left out'),
    record_to: key(text('an endpoint ID'), 'to_id of the Record where it is another than the receiver'),
    msg_id: key(text(), 'msg_id; a fresh one where left out'),
    version: key(text(), 'version of the Record'),
    session: key(mapOfValues, 'fields of a session context (session_id, sequence_id, expected_id …)'),
    ...mqtt,
  },
  record: {
    record: required(payload, 'a whole Record as bytes (hex, base64) or as protobuf JSON (json)'),
    to: key(text('an endpoint ID'), 'endpoint ID of the receiver; the device under test where left out'),
    ...mqtt,
  },
  publish: {
    publish: required(text('a topic'), 'topic of any MQTT message'),
    payload: key(payload, 'what it carries; nothing where left out'),
    qos: mqtt.qos,
    retain: mqtt.retain,
    properties: mqtt.properties,
  },
  expect: {
    expect: required(awaitedShape, 'waits for a packet of which all of this is true'),
    within,
    from,
    since,
  },
  nothing: {
    nothing: required(awaitedShape, 'fails when such a packet comes'),
    for: required(duration, 'how long to look'),
    from,
    since,
  },
  check: { check: required(expression, 'must be true') },
  set: { set: required(mapTo(anyValue, name), 'variables and their values') },
  sleep: { sleep: required(orTemplate(duration), 'waits that long') },
  repeat: {
    repeat: required(orTemplate(whole(0, MAX_TURNS)), 'how often'),
    until: key(expression, 'ends earlier when this is true after a turn; failed when it never is'),
    every: key(duration, 'a turn begins this long after the one before'),
    steps: required(steps, 'the steps of each turn'),
  },
  for: {
    for: required(name, 'the variable that takes each item'),
    in: required(anyValue, 'the list'),
    steps: required(steps, 'the steps for each item'),
  },
  if: {
    if: required(expression, 'which of the two is done'),
    steps: required(steps, 'where it is true'),
    else: key(steps, 'where it is false'),
  },
  group: { group: required(text(), 'the name of the group'), steps: required(steps, 'its steps') },
  parallel: { parallel: required(steps, 'steps that are done at the same time') },
  call: {
    call: required(text('the name of a flow'), 'another flow of the same folder'),
    with: key(mapTo(anyValue, name), 'its variables'),
  },
  wait: {
    wait: required(oneOf('online', 'offline'), 'until the device is there, or gone'),
    device: key(text('an endpoint ID'), 'the device under test where left out'),
    within,
  },
  act: {
    act: required(
      oneOf(...ACT_NAMES),
      `something done to the bench: ${ACT_NAMES.map((act) => `${act} ${ACTS[act].about}`).join('; ')}`,
    ),
    with: key(mapOfValues, 'what it needs'),
  },
  ask: {
    ask: required(text(), 'what the person shall do or say'),
    choices: key(list(text(), 10), 'the answers to choose from; Done and Failed where left out'),
    expect: key(matcher, 'which answers pass; where left out all but Failed'),
    file: key(text(), 'name of a file that the person may give, a photo or a log; kept with the result'),
  },
  attach: {
    attach: required(
      text('a file name'),
      'name of a file that is kept with the result; its ending says what it is',
    ),
    content: key(payload, 'what is in it: text, a value as json, or bytes'),
    packets: key(
      expression,
      'packets whose bytes are in it: steps.ID.packet, their numbers, or a list of them',
    ),
    facts: key(text('an endpoint ID'), 'the device whose facts are in it, as JSON'),
  },
  end: {
    end: required(oneOf('passed', 'failed', 'skipped'), 'ends the flow; its clean-up is done'),
    because: key(text(), 'why'),
  },
}

/** `for` is a key of `nothing` too, `expect` of `send` and `ask`: those that come first decide. */
const ORDER: readonly StepKind[] = ['send', 'ask', 'nothing', ...(Object.keys(stepKinds) as StepKind[])]
export const STEP_KINDS = Object.keys(stepKinds) as readonly StepKind[]

export const stepTables: ReadonlyMap<StepKind, ReadonlyMap<string, Key<unknown>>> = new Map(
  STEP_KINDS.map((kind) => {
    const { bind, gap, ...first } = common
    const rows = { ...first, ...stepKinds[kind], bind, gap }
    return [kind, new Map(Object.entries(rows))]
  }),
)

/** Where each step stands in the text, in the order in which they are read: a list of steps is read before its step. */
export interface PlacedStep {
  readonly step: Step
  readonly start: number
  readonly end: number
}
const placed = new WeakMap<Remarks, PlacedStep[]>()
export const placesOf = (remarks: Remarks): readonly PlacedStep[] => placed.get(remarks) ?? []

export const stepShape: Shape<Step> = {
  read(node, remarks) {
    if (node.kind !== 'map' || node.entries.length === 0) {
      remarks.error(node, 'Here stands a step.', `It has one of ${STEP_KINDS.join(', ')}.`)
      return undefined
    }
    const keys = new Set(node.entries.map((entry) => entry.key))
    const kind = ORDER.find((one) => keys.has(one))
    if (kind === undefined) {
      const first = node.entries.find((entry) => !Object.hasOwn(common, entry.key)) ?? node.entries[0]
      if (first) unknownKey(first, STEP_KINDS, 'A step', remarks)
      return undefined
    }
    const table = stepTables.get(kind) as ReadonlyMap<string, Key<unknown>>
    const what = `A step "${kind}"`
    const read = readKeys(node, table, what, remarks)
    for (const [name, row] of table) {
      if (!row.required || read[name] !== undefined) continue
      // A key that is there and wrong was told already.
      if (!keys.has(name)) remarks.error(firstPlace(node), `${what} needs ${name}.`)
      return undefined
    }
    const step = { kind, ...read } as unknown as Step
    const places = placed.get(remarks) ?? []
    places.push({ step, start: node.start, end: node.end })
    placed.set(remarks, places)
    return step
  },
  write: (step) =>
    writeKeys(
      step as unknown as Readonly<Record<string, unknown>>,
      stepTables.get(step.kind) as ReadonlyMap<string, Key<unknown>>,
    ),
  schema: () => ({
    anyOf: STEP_KINDS.map((kind) => objectSchema(stepTables.get(kind) as ReadonlyMap<string, Key<unknown>>)),
  }),
}

export const limits: Keys<Limits> = {
  time: key(duration, 'of the whole flow; 10m'),
  packets: key(whole(1, 1_000_000), 'packets looked at; 20000'),
  answer: key(duration, 'how long a step waits; 10s'),
  steps: key(whole(1, 1_000_000), 'steps, each turn of a loop counted; 10000'),
}

const version: Shape<typeof FLOW_VERSION> = {
  read(node, remarks) {
    if (node.kind === 'scalar' && node.value === FLOW_VERSION) return FLOW_VERSION
    const isNewer = node.kind === 'scalar' && typeof node.value === 'number' && node.value > FLOW_VERSION
    const hint = isNewer ? 'It was made with a newer Oktobench: update this one.' : 'Write "flow: 1".'
    remarks.error(node, `This bench reads flows of version ${FLOW_VERSION}.`, hint)
    return undefined
  },
  write: (value) => value,
  schema: () => ({ const: FLOW_VERSION }),
}

export const flowKeys: Keys<Flow> = {
  flow: required(version, 'version of the format: 1'),
  name: required(text(), 'what the flow is called'),
  description: key(text(), 'what it proves'),
  requirements: key(list(text(), 200), 'requirement and test numbers: R-GET.2, TP-469 1.36'),
  tags: key(list(text(), 100), 'words to choose flows by'),
  variables: key(mapTo(anyValue, name), 'values that can be given when the flow is run, and their defaults'),
  secrets: key(
    list(name, 50),
    'names of values that are given when the flow is run and never shown: secret.NAME',
  ),
  limits: key(object(limits, 'Limits'), 'how much it may take'),
  setup: key(steps, 'done first; the flow is not run when it fails'),
  steps: required(steps, 'the flow itself'),
  cleanup: key(steps, 'always done at the end'),
}
export const flowShape: Shape<Flow> = object(flowKeys, 'A flow')
