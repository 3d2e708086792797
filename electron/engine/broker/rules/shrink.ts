/**
 * A fault that tells smaller limits in CONNACK (MQTT 5.0, 3.2.2.3) and holds the device to them. It stands in front
 * of all rules, so that outbound it has the last word.
 */
import type { Shrunk } from '../../../../shared/faults/book.ts'
import { actionText } from '../../../../shared/faults/model.ts'
import { encodePacket } from '../../../../shared/mqtt/encode.ts'
import type { Packet, PublishPacket } from '../../../../shared/mqtt/packets.ts'
import { getProperty, withoutProperty } from '../../../../shared/mqtt/properties.ts'
import { forEveryType } from '../rule-table.ts'
import type { Outcome, RuleFactory } from '../rule.ts'

const RECEIVE_MAXIMUM_EXCEEDED = 0x93
const TOPIC_ALIAS_INVALID = 0x94
const PACKET_TOO_LARGE = 0x95

const told = ['receiveMaximum', 'maximumPacketSize', 'topicAliasMaximum', 'serverKeepAlive'] as const

export const shrink: RuleFactory = (session) => {
  let shrunk: Shrunk | undefined

  const tooMuch = (reasonCode: number, what: string): Outcome => {
    const fault = shrunk?.fault ?? ''
    return { do: 'reject', reasonCode, fault, text: `${what}, told by the fault “${fault}”` }
  }
  const publish = (packet: PublishPacket): Outcome => {
    const { receiveMaximum, topicAliasMaximum } = shrunk?.limits ?? {}
    const { unanswered } = session
    const { qos, packetId, properties } = packet
    if (receiveMaximum !== undefined && qos > 0 && packetId !== undefined) {
      const underWay = unanswered.size + (unanswered.has(packetId) ? 0 : 1)
      if (underWay > receiveMaximum)
        return tooMuch(RECEIVE_MAXIMUM_EXCEEDED, `more than the Receive Maximum of ${receiveMaximum}`)
    }
    const alias = topicAliasMaximum === undefined ? undefined : getProperty(properties, 'topicAlias')
    if (alias !== undefined && alias > (topicAliasMaximum ?? 0))
      return tooMuch(TOPIC_ALIAS_INVALID, `above the Topic Alias Maximum of ${topicAliasMaximum}`)
    return undefined
  }

  return {
    name: 'fault',
    inbound: forEveryType((packet: Packet): Outcome => {
      if (!shrunk) return undefined
      const { maximumPacketSize } = shrunk.limits
      if (maximumPacketSize !== undefined && encodePacket(packet, session.level).length > maximumPacketSize)
        return tooMuch(PACKET_TOO_LARGE, `longer than the Maximum Packet Size of ${maximumPacketSize}`)
      return packet.type === 'PUBLISH' ? publish(packet) : undefined
    }),
    outbound: {
      CONNACK(packet) {
        if (session.level !== 5 || packet.reasonCode !== 0) return undefined
        shrunk = session.line?.shrunk()
        if (!shrunk) return undefined
        let { properties } = packet
        for (const name of told) {
          const value = shrunk.limits[name]
          if (value === undefined) continue
          properties = [...withoutProperty(properties, name), { name, value }]
        }
        session.keepAlive = shrunk.limits.serverKeepAlive ?? session.keepAlive
        const { fault, limits } = shrunk
        const text = actionText({ kind: 'shrink', ...limits })
        return { do: 'change', packet: { ...packet, properties }, text, fault }
      },
    },
  }
}
