import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Properties, PublishPacket } from '../../../shared/mqtt/packets.ts'
import { quote } from '../../../shared/mqtt/shell.ts'
import { cArray, copyForms, mosquittoPub } from '../../../renderer/features/packets/copy-forms.ts'
import { fakeDetail, fakeRow } from '../fake-packets.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function published(change: Partial<PublishPacket>): PacketDetail {
  const packet: PublishPacket = {
    type: 'PUBLISH',
    dup: false,
    qos: 0,
    retain: false,
    topic: 'a/b',
    properties: [],
    payload: bytesOf('hi'),
    ...change,
  }
  return { ...fakeDetail(fakeRow(5, 40), false), bytes: encodePacket(packet, 5) }
}

/** The words and the input that a shell makes of a command; the client itself is a function that tells them. */
function run(command: string): { words: string[]; input: Buffer } {
  const script = `mosquitto_pub() { printf '%s\\0' "$@"; printf 'END\\0'; case "$*" in *-s*) cat;; esac; }\n${command}`
  const output = execFileSync('/bin/sh', ['-c', script], { maxBuffer: 1e7 })
  const end = output.indexOf('\0END\0')
  return { words: output.subarray(0, end).toString().split('\0'), input: output.subarray(end + 5) }
}
const after = (words: readonly string[], option: string) => words[words.indexOf(option) + 1]

describe('mosquitto_pub', () => {
  it('says everything of the message, properties included', () => {
    const properties: Properties = [
      { name: 'contentType', value: 'usp.msg' },
      { name: 'responseTopic', value: "it's/here $HOME" },
      { name: 'correlationData', value: Uint8Array.of(0xff, 0x27, 0x5c, 0x80) },
      { name: 'userProperty', value: ['a key', 'a "value"'] },
      { name: 'topicAlias', value: 3 },
    ]
    const command = mosquittoPub(published({ qos: 1, packetId: 7, retain: true, properties })) ?? ''
    expect(command).not.toContain('topic-alias')
    const { words } = run(command)
    expect(words.slice(0, 6)).toEqual(['-h', '192.168.1.20', '-p', '1883', '-V', 'mqttv5'])
    expect(after(words, '-q')).toBe('1')
    expect(words).toContain('-r')
    expect(after(words, '-t')).toBe('a/b')
    expect(after(words, 'content-type')).toBe('usp.msg')
    expect(after(words, 'response-topic')).toBe("it's/here $HOME")
    expect(words.slice(words.indexOf('user-property') + 1, words.indexOf('user-property') + 3)).toEqual([
      'a key',
      'a "value"',
    ])
    expect(after(words, '-m')).toBe('hi')
  })

  it('passes any payload on, byte for byte', () => {
    const payload = Uint8Array.from({ length: 256 }, (_, at) => at)
    expect(Uint8Array.from(run(mosquittoPub(published({ payload })) ?? '').input)).toEqual(payload)
    expect(mosquittoPub(published({ payload: new Uint8Array() }))).toMatch(/ -n$/)
  })

  it('says what an argument cannot carry', () => {
    const properties: Properties = [{ name: 'correlationData', value: Uint8Array.of(1, 0, 2) }]
    expect(mosquittoPub(published({ properties }))).toMatch(
      /^# Correlation Data \(3 bytes\) is left out: .*\nmosquitto_pub /,
    )
  })

  it('writes out the topic that an alias stands for', () => {
    const packet = published({ topic: '', properties: [{ name: 'topicAlias', value: 3 }] })
    expect(after(run(mosquittoPub(packet) ?? '').words, '-t')).toBe(packet.row.topic)
  })

  it('is for messages alone', () => {
    expect(mosquittoPub(fakeDetail(fakeRow(1, 40), false))).toBeUndefined()
    expect(mosquittoPub({ ...published({}), bytes: Uint8Array.of(0x30, 0xff) })).toBeUndefined()
  })
})

describe('shell quoting', () => {
  it('gives every text back', () => {
    // A process a run is dear: all texts go through one shell.
    const texts = fc.sample(fc.string({ unit: 'grapheme' }), 40).map((text) => text.replaceAll('\0', ''))
    const { words } = run(`mosquitto_pub ${['x', "a'b", '$(id)', '\\', ...texts].map(quote).join(' ')}`)
    expect(words).toEqual(['x', "a'b", '$(id)', '\\', ...texts])
  })
})

describe('other forms', () => {
  it('are C, hex, text and JSON of the same bytes', () => {
    const packet = published({})
    const c = cArray(packet) ?? ''
    const numbers = [...c.matchAll(/0x([0-9a-f]{2})/g)].map((found) => parseInt(found[1] ?? '', 16))
    expect(numbers).toEqual([...packet.bytes])
    expect(c).toContain(`packet_5[${packet.bytes.length}] = {`)
    const hex = copyForms.find(({ id }) => id === 'hex')?.write(packet) ?? ''
    expect(hex.split(' ').map((byte) => parseInt(byte, 16))).toEqual([...packet.bytes])
    expect(cArray({ ...packet, bytes: new Uint8Array() })).toBeUndefined()
  })
})
