// A member of a group: prints the value of each record it is given, and leaves when it is told to end.
// Arguments: bootstrap server, group, topic.
const { Kafka, logLevel } = require('kafkajs')

const [, , broker, groupId, topic] = process.argv
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [broker], logLevel: logLevel.WARN })
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 10000,
  heartbeatInterval: 200,
  maxWaitTimeInMs: 100,
})

async function run() {
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => process.stdout.write(message.value.toString() + '\n'),
  })
}

process.on('SIGTERM', () => consumer.disconnect().then(() => process.exit(0)))
run().catch(error => {
  console.error(error)
  process.exit(1)
})
