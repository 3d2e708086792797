/** Signs up to the CONNACK: the device does not come in. */
import { hexByte, reasonName } from '../../mqtt/reason-codes.ts'
import type { Attempt } from '../case.ts'
import type { Remedy } from '../model.ts'
import { evidence, onDevice, type Scene } from '../scene.ts'
import type { Finding, Sign } from './sign.ts'

/** How a close begins that is a failed handshake (tls/failure.ts); what to do follows the first full stop. */
const TLS_FAILURE = /^TLS: (.*?)(?:\. (.*))?$/s

/** CONNACK codes that are about who it is: 5.0, then 3.x. */
const loginCodes = { five: [0x86, 0x87, 0x8c, 0x18], three: [4, 5] } as const

const isLoginCode = ({ connect, connack }: Attempt): boolean => {
  const codes: readonly number[] = connect && connect.packet.level < 5 ? loginCodes.three : loginCodes.five
  return connack !== undefined && codes.includes(connack.code)
}

/** A CONNACK that is missing was never sent: the reason stands at the CONNECT. */
const loginRefused = (attempt: Attempt): boolean =>
  isLoginCode(attempt) || (attempt.connect?.refusal?.rule === 'access' && attempt.connack?.code !== 0)

const codeText = ({ connect, connack }: Attempt): string => {
  if (!connack) return ''
  const level = connect?.packet.level ?? 5
  return `CONNACK ${hexByte(connack.code)} ${reasonName('CONNACK', connack.code, level)}`
}

function refusal(attempt: Attempt, text: string, remedies: readonly Remedy[]): Finding {
  const { connect, connack } = attempt
  const who =
    connect?.packet.username === undefined ? 'without a user name' : `as user ${connect.packet.username}`
  return {
    text,
    evidence: [
      ...(connect ? [evidence(connect, `CONNECT ${who}`)] : []),
      ...(connack ? [evidence(connack, codeText(attempt))] : []),
    ],
    remedies,
  }
}

const admit = ({ endpointId }: Scene, { connect }: Attempt, text: string): Remedy => ({
  text,
  action: { do: 'admit', endpointId, username: connect?.packet.username ?? '' },
})
const login = (scene: Scene, text: string): Remedy => onDevice(scene, text, ['username', 'password'])
const newUser = (username: string): Remedy => ({
  text: 'Or make it a new password at the bench.',
  action: { do: 'user', username },
})

export const doorSigns: readonly Sign[] = [
  {
    id: 'tls-failed',
    step: 'tls',
    state: 'failed',
    find(_scene, { end }) {
      const [, text, remedy] = TLS_FAILURE.exec(end?.reason ?? '') ?? []
      if (!end || text === undefined) return undefined
      return {
        text: `The TLS handshake failed: ${text}.`,
        evidence: [evidence(end, 'connection closed')],
        remedies: remedy ? [{ text: remedy.endsWith('.') ? remedy : `${remedy}.` }] : [],
      }
    },
  },
  {
    id: 'tls-at-plain-port',
    step: 'connect',
    state: 'failed',
    find(scene, { malformed }) {
      if (!malformed?.text.includes('TLS ClientHello')) return undefined
      return {
        text: 'It speaks TLS to a port that speaks plain MQTT.',
        evidence: [evidence(malformed, 'TLS ClientHello')],
        remedies: [onDevice(scene, 'Turn TLS off, or give it the TLS port.', ['brokerPort', 'transport'])],
      }
    },
  },
  {
    id: 'no-mqtt',
    step: 'connect',
    state: 'failed',
    find: (_scene, { malformed, connect }) =>
      malformed && !connect
        ? {
            text: `What came is no CONNECT: ${malformed.text}.`,
            evidence: [evidence(malformed, 'malformed')],
            remedies: [
              { text: 'Set the transport of the device to MQTT, and its port to one that speaks it.' },
            ],
          }
        : undefined,
  },
  {
    id: 'connect-refused',
    step: 'connect',
    state: 'failed',
    find(_scene, attempt) {
      const { connect, connack } = attempt
      const refused = connect && ((connack && connack.code !== 0) || (connect.refusal && !connack))
      if (!refused || loginRefused(attempt)) return undefined
      const why = connect.refusal?.text ?? codeText(attempt)
      return {
        text: `The CONNECT was refused: ${why}.`,
        evidence: [evidence(connect, 'CONNECT'), ...(connack ? [evidence(connack, codeText(attempt))] : [])],
      }
    },
  },
  {
    id: 'probe-only',
    step: 'connect',
    state: 'missing',
    find(scene, { probe, last }) {
      if (!probe) return undefined
      return {
        text: 'It opens a connection and closes it without a byte. OBUSPA does so before each attempt, but no CONNECT came after it.',
        evidence: [evidence(last, 'TCP probe')],
        remedies: [
          onDevice(
            scene,
            'The address is right. Look at the port, the transport and whether the client is on.',
            ['brokerPort', 'transport', 'clientEnable'],
          ),
        ],
      }
    },
  },
  {
    id: 'silent',
    step: 'connect',
    state: 'missing',
    find: (_scene, { connect, malformed, first, end, begunBefore }) =>
      connect || malformed || begunBefore
        ? undefined
        : {
            text: end
              ? `The connection ended before a CONNECT came${end.reason ? `: ${end.reason}` : ''}.`
              : 'It is connected and has not sent a CONNECT yet.',
            evidence: [evidence(end ?? first, end ? 'connection closed' : 'connection opened')],
          },
  },
  {
    id: 'no-user',
    step: 'authentication',
    state: 'failed',
    find(scene, attempt) {
      if (!loginRefused(attempt) || attempt.connect?.packet.username !== undefined) return undefined
      return refusal(attempt, 'It gave no user name, and was not let in without one.', [
        login(scene, 'Give it a user name and a password.'),
        newUser(scene.endpointId),
      ])
    },
  },
  {
    id: 'endpoint-not-its-own',
    step: 'authentication',
    state: 'failed',
    find(scene, attempt) {
      const text = attempt.connect?.refusal?.text ?? ''
      if (!loginRefused(attempt) || !/states the endpoint ID/.test(text)) return undefined
      return refusal(attempt, `The user is known, but the endpoint ID is not its own: ${text}.`, [
        admit(scene, attempt, 'Let this user state that endpoint ID.'),
        login(scene, 'Or give the device the user that is named as its endpoint ID.'),
      ])
    },
  },
  {
    id: 'unknown-user',
    step: 'authentication',
    state: 'failed',
    find(scene, attempt) {
      const username = attempt.connect?.packet.username ?? ''
      if (!loginRefused(attempt) || attempt.connect?.refusal?.text !== `the user ${username} is not known`)
        return undefined
      return refusal(attempt, `There is no user ${username} here.`, [
        admit(scene, attempt, 'Admit it with the password it already has.'),
        newUser(username),
      ])
    },
  },
  {
    id: 'wrong-password',
    step: 'authentication',
    state: 'failed',
    find(scene, attempt) {
      const username = attempt.connect?.packet.username ?? ''
      if (!loginRefused(attempt) || attempt.connect?.refusal?.text !== `the password of ${username} is wrong`)
        return undefined
      return refusal(attempt, `The password of ${username} is wrong.`, [
        onDevice(scene, 'Give it the right password.', ['password']),
        admit(scene, attempt, 'Or take the one it has as the new password of this user.'),
      ])
    },
  },
  {
    id: 'login-refused',
    step: 'authentication',
    state: 'failed',
    find(scene, attempt) {
      if (!loginRefused(attempt)) return undefined
      const why = attempt.connect?.refusal?.text ?? codeText(attempt)
      return refusal(attempt, `It was not let in: ${why}.`, [
        login(scene, 'Look at its user name and its password.'),
      ])
    },
  },
  {
    id: 'no-connack',
    step: 'authentication',
    state: 'missing',
    find: (_scene, { connect, connack }) =>
      connect && !connack
        ? { text: 'Its CONNECT was not answered.', evidence: [evidence(connect, 'CONNECT')] }
        : undefined,
  },
]
