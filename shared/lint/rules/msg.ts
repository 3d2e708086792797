/** Msgs, one by one: header, body, notifications. */
import { type FaultKind, oneofs, shortName } from '../message.ts'
import type { MsgSeen } from '../moments.ts'
import { rulesOn } from '../rule.ts'
import { list, show } from '../show.ts'

const faultsOf = ({ msgFaults }: MsgSeen, ...kinds: readonly FaultKind[]): string[] =>
  msgFaults.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text)

/**
 * Oneofs that may be empty: the standard shows an Operate result without member, so that is a warning of its own.
 * An OnBoardRequest or Event always fills `notification`.
 */
const lenientOneofs = new Set(['operation_resp'])

function emptyOneofs({ msg }: MsgSeen, lenient: boolean): string[] {
  const found: string[] = []
  for (const { type, name, members } of oneofs) {
    // An empty body has a rule of its own.
    if (lenientOneofs.has(name) !== lenient || name === 'msg_body') continue
    for (const message of msg.ofType(type)) {
      if (!members.some((member) => message.has(member))) found.push(`${shortName(type)} holds no ${name}`)
    }
  }
  return found
}

const VERSION_LIST = /^\d+\.\d+(\s*,\s*\d+\.\d+)*$/
const versionLists = ['controller_supported_protocol_versions', 'agent_supported_protocol_versions'] as const

/** The notification inside a Notify. */
const notification = ({ type, body }: MsgSeen) => (type === 'NOTIFY' ? body : undefined)

export const msgRules = rulesOn('msg', 1, [
  {
    id: 'msg-header',
    title: 'The Msg has not exactly one header',
    requirements: ['R-MSG.6'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'A Msg has exactly one header.',
    check: ({ msg }) => {
      const count = msg.messages('header').length
      return count === 1 ? undefined : `there are ${count} headers`
    },
  },
  {
    id: 'msg-body',
    title: 'The Msg has not exactly one body',
    requirements: ['R-MSG.7'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'A Msg has exactly one body, with a request, a response or an error.',
    check: ({ msg }) => {
      const bodies = msg.messages('body')
      if (bodies.length !== 1) return `there are ${bodies.length} bodies`
      const filled = ['request', 'response', 'error'].some((name) => bodies[0]?.has(name))
      return filled ? undefined : 'the body is empty'
    },
  },
  {
    id: 'msg-id',
    title: 'msg_id is missing',
    requirements: ['R-MSG.8'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The header has a msg_id that is not empty.',
    check: ({ msg, msgId }) => (msg.has('header') && msgId === '' ? 'the header has no msg_id' : undefined),
  },
  {
    id: 'msg-oneof',
    title: 'Not exactly one member of a oneof',
    requirements: ['R-ENC.3'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Each oneof holds exactly one member.',
    check: (seen) => [...faultsOf(seen, 'oneof'), ...emptyOneofs(seen, false)],
  },
  {
    id: 'msg-schema',
    title: 'The Msg does not follow the schema',
    requirements: ['R-ENC.0', 'R-MSG.5'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Msgs follow usp-msg.proto.',
    check: (seen) => faultsOf(seen, 'wire'),
  },
  {
    id: 'msg-enum',
    title: 'Unknown enum value in the Msg',
    requirements: ['R-ENC.2'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Enums hold values that the schema has.',
    check: (seen) => faultsOf(seen, 'enum'),
  },
  {
    id: 'notify-subscription-id',
    title: 'subscription_id does not fit the notification',
    requirements: ['R-NOT.7'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'subscription_id is the ID of the Subscription, and empty in an OnBoardRequest.',
    check: (seen) => {
      const notify = notification(seen)
      if (notify === undefined) return undefined
      const id = notify.text('subscription_id')
      const onBoard = notify.has('on_board_req')
      if (onBoard && id !== '') return `an OnBoardRequest has the subscription_id ${show(id)}`
      return !onBoard && id === '' ? 'subscription_id is empty' : undefined
    },
  },
  {
    id: 'onboard-send-resp',
    title: 'OnBoardRequest without send_resp',
    requirements: ['R-NOT.6'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    since: '1.4',
    expected: 'An OnBoardRequest has send_resp = true.',
    check: (seen) => {
      const notify = notification(seen)
      return notify?.has('on_board_req') && notify.number('send_resp') === 0
        ? 'send_resp is false'
        : undefined
    },
  },
  {
    id: 'protocol-versions',
    title: 'List of versions cannot be read',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Supported versions are written “1.3,1.4”: major.minor, with commas between.',
    check: ({ body }) => {
      const holders = [body, body?.message('on_board_req')]
      return holders.flatMap((holder) =>
        versionLists.flatMap((name) => {
          const text = holder?.text(name) ?? ''
          return text === '' || VERSION_LIST.test(text) ? [] : [`${name} is ${show(text)}`]
        }),
      )
    },
  },
])

export const msgHints = rulesOn('msg', 4, [
  {
    id: 'msg-type',
    title: 'msg_type and body disagree',
    requirements: ['R-MSG.10'],
    level: 'should',
    severity: 'warning',
    side: 'endpoint',
    expected: 'msg_type says what the body is. On disagreement the body decides.',
    check: ({ headerType, type }) =>
      headerType !== undefined && type !== undefined && headerType !== type
        ? `msg_type is ${headerType}, the body is ${type}`
        : undefined,
  },
  {
    id: 'operate-result',
    title: 'Result of a command without content',
    requirements: ['R-ENC.3'],
    level: 'must',
    severity: 'warning',
    side: 'agent',
    expected:
      'A result holds req_output_args, req_obj_path or cmd_failure; the standard itself shows one without.',
    check: (seen) => {
      const empty = emptyOneofs(seen, true)
      return empty.length > 0 ? list(empty) : undefined
    },
  },
  {
    id: 'onboard-facts',
    title: 'OnBoardRequest says too little',
    requirements: ['R-NOT.5'],
    level: 'must',
    severity: 'warning',
    side: 'agent',
    expected: 'An OnBoardRequest has oui (6 hexadecimal digits), serial_number and the supported versions.',
    check: (seen) => {
      const request = notification(seen)?.message('on_board_req')
      if (request === undefined) return undefined
      const oui = request.text('oui')
      const empty = ['serial_number', 'agent_supported_protocol_versions'].filter(
        (name) => request.text(name) === '',
      )
      return [
        ...(/^[0-9A-Fa-f]{6}([0-9A-Fa-f]|[0-9A-Fa-f]{3})?$/.test(oui) ? [] : [`oui is ${show(oui)}`]),
        ...empty.map((name) => `${name} is empty`),
      ]
    },
  },
  {
    id: 'record-version-announced',
    title: 'Record version is not announced',
    requirements: [],
    level: 'none',
    severity: 'warning',
    side: 'endpoint',
    expected: 'The version of the Record is one of the versions that the endpoint says it supports.',
    check: ({ body, version }) =>
      versionLists.flatMap((name) => {
        const text = body?.text(name) ?? ''
        const versions = text.split(',').map((one) => one.trim())
        return text === '' || versions.includes(version) ? [] : [`version ${version} is not in ${show(text)}`]
      }),
  },
  {
    id: 'msg-unknown-fields',
    title: 'Unknown fields in the Msg',
    requirements: [],
    level: 'none',
    severity: 'note',
    side: 'endpoint',
    expected: 'Every field is one of USP 1.0 to 1.5; receivers pass over others.',
    check: (seen) => {
      const unknown = faultsOf(seen, 'unknown', 'limit')
      return unknown.length > 0 ? list(unknown) : undefined
    },
  },
])
