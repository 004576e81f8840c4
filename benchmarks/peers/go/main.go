// The job as a plain loop by hand: consume, drop ids seen, splice the device in, produce. It keeps nothing durable,
// belongs to no group, commits nothing and forgets no id: the floor for the job, not a peer in guarantees.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const window = 600_000

var keyEvent, keyTenant, keyDevice = []byte(`"eventId":"`), []byte(`"tenantId":"`), []byte(`"deviceId":"`)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func member(value, key []byte) []byte {
	from := bytes.Index(value, key) + len(key)
	return value[from : from+bytes.IndexByte(value[from:], '"')]
}

func client(brokers []string, options ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append(options, kgo.SeedBrokers(brokers...))...)
	must(err)
	return c
}

// The members of every device's record, to be put behind an event's own.
func readDevices(brokers []string, topic string, count int) map[string][]byte {
	c := client(brokers, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer c.Close()
	devices := map[string][]byte{}
	for len(devices) < count {
		c.PollFetches(context.Background()).EachRecord(func(r *kgo.Record) {
			devices[string(r.Key)] = append([]byte(","), r.Value[1:]...)
		})
	}
	return devices
}

func main() {
	brokers, prefix := strings.Split(os.Args[1], ","), os.Args[2]
	events, err := strconv.Atoi(os.Args[3])
	must(err)
	devices := readDevices(brokers, prefix+"telemetry.devices.v1", 5000)
	minBytes := int32(64 << 10)
	if len(os.Args) > 4 {
		minBytes = 1
	}
	c := client(brokers,
		kgo.ConsumeTopics(prefix+"peer.events"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxPartitionBytes(4<<20), kgo.FetchMinBytes(minBytes), kgo.FetchMaxWait(50*time.Millisecond),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.ProducerLinger(5*time.Millisecond),
		kgo.MaxBufferedRecords(100000), kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.ProducerBatchMaxBytes(512<<10))
	ctx := context.Background()
	seen := map[[36]byte]int64{}
	out := prefix + "peer.out"
	in, written := 0, 0
	for in < events {
		c.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			in++
			value := r.Value
			var id [36]byte
			copy(id[:], member(value, keyEvent))
			at := r.Timestamp.UnixMilli()
			if before, known := seen[id]; known && at-before < window {
				return
			}
			seen[id] = at
			device := devices[string(member(value, keyTenant))+":"+string(member(value, keyDevice))]
			spliced := make([]byte, 0, len(value)+len(device))
			spliced = append(spliced, value[:len(value)-1]...)
			spliced = append(spliced, device...)
			c.Produce(ctx, &kgo.Record{Topic: out, Key: r.Key, Value: spliced, Timestamp: r.Timestamp}, func(_ *kgo.Record, err error) { must(err) })
			written++
		})
	}
	must(c.Flush(ctx))
	fmt.Printf("in %d out %d\n", in, written)
}
