/** How topics are said. Pure. */
import type { TopicMessage, TopicRow } from '../../../shared/contract/topics.ts'
import { quote } from '../../../shared/filter/lexer.ts'
import { count, plural } from '../../ui/format.ts'

/** A level without a character is a level still. */
export const levelName = (name: string): string => (name === '' ? '(empty)' : name)

/** QoS, and whether the sender wanted it kept. */
export const qosText = ({ qos, retain }: Pick<TopicMessage, 'qos' | 'retain'>): string =>
  `${qos}${retain ? ' retain' : ''}`

/** The packets of the topic, or of all below a branch. */
export const packetsFilter = ({ path, isTopic, open }: TopicRow): string =>
  isTopic && open === undefined ? `mqtt.topic == ${quote(path)}` : `mqtt.topic ~ ${quote(`${path}/#`)}`

export const foldedText = ({ folded, delivered }: TopicRow): string =>
  `… ${plural(folded, 'topic')} folded, with ${plural(delivered, 'message')}: those that changed least recently`

/** What passed it in words, for who looks at one line. */
export function totalsText({ topics, published, delivered, refused, retained }: TopicRow): string {
  return [
    topics === 1 ? '' : plural(topics, 'topic'),
    `${count(published)} published`,
    `${count(delivered)} delivered`,
    refused > 0 ? `${count(refused)} refused` : '',
    retained > 0 ? `${count(retained)} retained` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
