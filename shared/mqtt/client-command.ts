/**
 * A packet as the command line of `mosquitto_pub` or `mosquitto_sub` (2.0 and later) that sends the same. What
 * those programs cannot do is told beside it; nothing is left out silently.
 */
import { countBytes } from './fields.ts'
import type { ConnectPacket, Properties, ProtocolLevel, PublishPacket, SubscribePacket } from './packets.ts'
import { getProperty, propertyByName, withoutProperty, type PropertyPlace } from './properties.ts'
import { byteArgument, isCalm, printfFormat, quote, textArgument } from './shell.ts'
import { decodeText } from './utf8.ts'

export interface CommandTarget {
  readonly host: string
  readonly port: number
  /** The connection that sent the packet: its options are given too. */
  readonly connect?: ConnectPacket
  /** Where `connect` is not known; 5 by default. */
  readonly level?: ProtocolLevel
  readonly tls?: CommandTls
  /** The topic that the Topic Alias of a PUBLISH without Topic Name stands for. */
  readonly topic?: string
}

/** Paths of PEM files. */
export interface CommandTls {
  readonly caFile: string
  readonly certFile?: string
  readonly keyFile?: string
}

export interface ClientCommand {
  /** For a POSIX shell. Secrets are not in it: it names variables that the user sets. */
  readonly command: string
  /** What differs from the packet, and what is to be done before. */
  readonly notes: readonly string[]
}

export type CommandPacket = PublishPacket | SubscribePacket | ConnectPacket

/** The command that sends `packet`; a CONNECT as a client that connects, subscribes `#` and ends. */
export function clientCommand(packet: CommandPacket, target: CommandTarget): ClientCommand {
  const connect = packet.type === 'CONNECT' ? packet : target.connect
  const line = new CommandLine(connect?.level ?? target.level ?? 5)
  if (packet.type === 'PUBLISH') {
    line.connection('mosquitto_pub', target, connect)
    line.publish(packet, target.topic)
  } else {
    line.connection('mosquitto_sub', target, connect)
    if (packet.type === 'SUBSCRIBE') line.subscribe(packet)
    else line.connectAlone()
  }
  return { command: line.input + line.words.join(' '), notes: line.notes }
}

/** For a clipboard: the remarks as comments, the command below them. */
export const commandText = ({ command, notes }: ClientCommand): string =>
  [...notes.map((note) => `# ${note}`), command].join('\n')

/** A Topic Alias holds within one connection alone: the topic that it stands for is written out. */
export const withoutAlias = (packet: PublishPacket, topic: string): PublishPacket => ({
  ...packet,
  topic: packet.topic === '' ? topic : packet.topic,
  properties: withoutProperty(packet.properties, 'topicAlias'),
})

const versionNames = { 3: 'mqttv31', 4: 'mqttv311', 5: 'mqttv5' } as const

/** The programs refuse other values. */
const LEAST_KEEP_ALIVE = 5
const MOST_KEEP_ALIVE = 65_535
const NEVER_EXPIRES = 0xffff_ffff
/** What the absence of Receive Maximum means. */
const RECEIVE_MAXIMUM = 65_535
/** Linux takes 128 KiB an argument; the rest is room for other systems. */
const LONGEST_ARGUMENT = 32_768

class CommandLine {
  readonly words: string[] = []
  readonly notes: string[] = []
  /** What is piped into the program. */
  input = ''
  private readonly level: ProtocolLevel

  constructor(level: ProtocolLevel) {
    this.level = level
  }

  connection(program: string, { host, port, tls }: CommandTarget, connect: ConnectPacket | undefined): void {
    this.words.push(program, '-h', textArgument(host), '-p', String(port), '-V', versionNames[this.level])
    if (tls !== undefined) {
      this.words.push('--cafile', textArgument(tls.caFile))
      if (tls.certFile !== undefined) this.words.push('--cert', textArgument(tls.certFile))
      if (tls.keyFile !== undefined) this.words.push('--key', textArgument(tls.keyFile))
    }
    if (connect !== undefined) this.connect(connect)
  }

  private connect(connect: ConnectPacket): void {
    if (connect.clientId !== '') this.words.push('-i', textArgument(connect.clientId))
    this.keepAlive(connect.keepAlive)
    this.session(connect)
    this.login(connect)
    this.will(connect)
    if (connect.bridge) this.notes.push('It does not come as a bridge: the program is none.')
    if (this.level < 5) return
    // Without it the programs say 20, which would hold answers back.
    if (getProperty(connect.properties, 'receiveMaximum') === undefined) {
      this.words.push('-D', 'connect', 'receive-maximum', String(RECEIVE_MAXIMUM))
    }
    this.properties('connect', 'CONNECT', connect.properties)
  }

  private keepAlive(seconds: number): void {
    const usable = seconds === 0 ? MOST_KEEP_ALIVE : Math.max(seconds, LEAST_KEEP_ALIVE)
    this.words.push('-k', String(usable))
    if (usable === seconds) return
    this.notes.push(
      `Keep Alive is ${usable} instead of ${seconds}: the program takes ${LEAST_KEEP_ALIVE} … ${MOST_KEEP_ALIVE}.`,
    )
  }

  private session({ clean, clientId, properties }: ConnectPacket): void {
    const expiry = getProperty(properties, 'sessionExpiryInterval')
    if (clientId === '' && (!clean || expiry === NEVER_EXPIRES)) {
      this.notes.push('For a session that is kept the program needs a client ID: add -i and one.')
    }
    if (!clean) this.words.push('-c')
    if (this.level < 5) return
    // A session that is kept would never expire by default, where the standard says 0.
    if (expiry !== undefined || !clean) this.words.push('-x', String(expiry ?? 0))
  }

  private login({ username, password }: ConnectPacket): void {
    if (username !== undefined) this.words.push('-u', textArgument(username))
    if (password === undefined) return
    if (username === undefined) {
      this.notes.push('The password is left out: the program sends none without a user name.')
    } else {
      this.words.push('-P', '"$MQTT_PASSWORD"')
      this.notes.push('Set the variable MQTT_PASSWORD to the password first.')
    }
  }

  private will({ will }: ConnectPacket): void {
    if (will === undefined) return
    this.words.push('--will-topic', textArgument(will.topic))
    const payload = byteArgument(will.payload)
    if (payload === undefined) this.cannotPass('The will payload', will.payload)
    else if (will.payload.length > 0) this.words.push('--will-payload', payload)
    if (will.qos > 0) this.words.push('--will-qos', String(will.qos))
    if (will.retain) this.words.push('--will-retain')
    this.properties('will', 'WILL', will.properties)
  }

  publish(packet: PublishPacket, resolved: string | undefined): void {
    const topic = packet.topic === '' ? (resolved ?? '') : packet.topic
    if (topic === '') this.notes.push('The topic is not known: only its alias was sent. Put it in after -t.')
    this.words.push('-t', textArgument(topic), '-q', String(packet.qos))
    if (packet.retain) this.words.push('-r')
    if (packet.dup) this.notes.push('DUP is not set: the program sets it when it sends again.')
    this.properties('publish', 'PUBLISH', packet.properties)
    this.payload(packet.payload)
  }

  private payload(payload: Uint8Array): void {
    if (payload.length === 0) {
      this.words.push('-n')
      return
    }
    const text = payload.length <= LONGEST_ARGUMENT ? decodeText(payload, 0, payload.length) : undefined
    if (text !== undefined && isCalm(text)) {
      this.words.push('-m', quote(text))
    } else {
      this.words.push('-s')
      this.input = `printf ${printfFormat(payload)} | `
    }
  }

  subscribe({ subscriptions, properties }: SubscribePacket): void {
    const qos = Math.max(...subscriptions.map((each) => each.qos))
    if (subscriptions.some((each) => each.qos !== qos)) {
      this.notes.push(`All filters are asked for with QoS ${qos}: the program has one for all.`)
    }
    for (const { filter } of subscriptions) this.words.push('-t', textArgument(filter))
    this.words.push('-q', String(qos))
    const published = subscriptions.filter((each) => each.retainAsPublished).length
    if (published > 0) this.words.push('--retain-as-published')
    if (published > 0 && published < subscriptions.length) {
      this.notes.push('Retain As Published is asked for with all filters: the program has one for all.')
    }
    if (subscriptions.some((each) => each.noLocal)) {
      this.notes.push('No Local is left out: the program does not have it.')
    }
    if (subscriptions.some((each) => each.retainHandling !== 0)) {
      this.notes.push('Retain Handling is 0: the program has no other.')
    }
    this.properties('subscribe', 'SUBSCRIBE', properties)
    this.words.push('-v')
  }

  connectAlone(): void {
    this.words.push('-t', quote('#'), '-E')
    this.notes.push('The program cannot only connect: it subscribes # and ends when that is answered.')
  }

  private properties(stage: string, place: PropertyPlace, list: Properties): void {
    if (this.level < 5) return
    for (const { name, value } of list) {
      // It has an option of its own, which must not stand beside the property.
      if (name === 'sessionExpiryInterval') continue
      const definition = propertyByName(name)
      if (definition === undefined) continue
      const { label, secret } = definition
      if (!definition.places.includes(place) || (place === 'PUBLISH' && name === 'subscriptionIdentifier')) {
        this.notes.push(`${label} is left out: a client does not send it here.`)
        continue
      }
      const words = secret ? this.secret(label) : this.values(label, value)
      const option = label.toLowerCase().replaceAll(' ', '-')
      if (words !== undefined) this.words.push('-D', stage, option, ...words)
    }
  }

  private secret(label: string): string[] {
    const variable = `MQTT_${label.toUpperCase().replaceAll(' ', '_')}`
    this.notes.push(`Set the variable ${variable} to the ${label} first.`)
    return [`"$${variable}"`]
  }

  private values(label: string, value: Properties[number]['value']): string[] | undefined {
    if (typeof value === 'number') return [String(value)]
    if (typeof value === 'string') return [textArgument(value)]
    if (!(value instanceof Uint8Array)) return value.map(textArgument)
    const argument = byteArgument(value)
    if (argument !== undefined) return [argument]
    this.cannotPass(label, value)
    return undefined
  }

  private cannotPass(what: string, { length }: Uint8Array): void {
    this.notes.push(
      `${what} (${countBytes(length)}) is left out: these bytes cannot be an argument of a program.`,
    )
  }
}
