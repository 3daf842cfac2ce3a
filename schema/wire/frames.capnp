# SPDX-License-Identifier: AGPL-3.0-or-later
# The messages of the sync protocol, one Frame a length-prefixed, single-segment, unpacked Cap'n Proto message.
# Meaning, order, limits and versions: wire.md. Data fields named *Bytes carry the exact bytes that were signed or
# hashed (entry headers, batches, stamps, statements, wraps) and are never re-encoded. Ordinals are permanent.
@0xd5a8b1c7e2f09364;

struct Position { incarnation @0 :UInt32; n @1 :UInt64; }
struct Chain { node @0 :Data; incarnation @1 :UInt32; }
struct Signed { bytes @0 :Data; signature @1 :Data; }

struct Frame {
  union {
    hello @0 :Hello;
    welcome @1 :Welcome;
    bye @2 :Bye;
    sync @3 :Sync;
    synced @4 :Synced;
    submit @5 :Submit;
    submitted @6 :Submitted;
    directory @7 :DirectoryRun;
    parcel @8 :Parcel;
    accepted @9 :Accepted;
    touched @10 :Touched;
    want @11 :Want;
    served @12 :Served;
    compare @13 :Compare;
    differ @14 :Differ;
    receipts @15 :Receipts;
    notify @16 :Void;
    ping @17 :UInt64;
    pong @18 :UInt64;
    wraps @19 :Wraps;
    blobOffer @20 :BlobOffer;
    blobStates @21 :BlobStates;
    blobList @22 :BlobList;
    blobPiece @23 :BlobPiece;
    blobTaken @24 :BlobTaken;
    blobWant @25 :BlobWant;
    directoryWanted @26 :Position;  # a restored HQ hub asks a caller that is ahead for the order beyond this
  }
}

# First frame each way. The signature is over exporter, both ids, offered versions and role.
struct Hello {
  versions @0 :List(UInt16);
  org @1 :Data;
  chain @2 :Chain;              # node and incarnation
  role @3 :UInt8;
  toHub @4 :Data;               # the hub's node id, empty when only its pin is known
  signPublic @5 :Data;          # a node the hub does not know yet proves itself by its own key
  boxPublic @6 :Data;
  signature @7 :Data;
}

struct Welcome {
  version @0 :UInt16;
  hub @1 :Chain;
  standing @2 :UInt8;           # 1 known and confirmed, 2 unconfirmed: only its enrolment may be submitted
  windowBytes @3 :UInt32;       # parcels not yet answered may hold this much
  signature @4 :Data;
  top @5 :Bool;                 # this is the hub that orders the directory
  time @6 :Int64;               # the hub's clock, ms since 1970
}

struct Bye { code @0 :Text; detail @1 :Text; }

# stamps: how far this audience's late stamps were followed.
struct FeedMark { audience @0 :Data; position @1 :UInt64; stamps @2 :UInt64; }

struct Sync {
  round @0 :UInt32;
  directory @1 :Position;
  orderHash @2 :Data;           # of that position: a fork of the directory shows at once
  feeds @3 :List(FeedMark);
  receipts @4 :UInt64;
  hub @5 :Chain;                # whose marks these are; another hub or incarnation starts from zero
  handed @6 :Int64;             # of a hub: all it stamped up to this time of its own was handed up; 0: not said
}

struct Synced {
  round @0 :UInt32;
  feeds @1 :List(FeedMark);     # where the feeds are now, only those that moved without a page
  receipts @2 :UInt64;
  through @3 :Int64;            # all the hub stamped up to this time of its own is in the feeds shown; 0: not said
  orderWaits @4 :Bool;          # of headquarters' hub: it was restored, and orders nothing until an administrator says so
}

struct Submit { envelopes @0 :List(Data); }
struct Submitted { results @0 :List(Result); struct Result { id @0 :Data; status @1 :UInt8; code @2 :Text; } }

struct DirectoryRun {
  records @0 :List(Record);
  headBytes @1 :Data;           # signed head, on the last run
  waiting @2 :List(Data);       # statements nobody has ordered yet that take something from the receiver
  struct Record { orderedBytes @0 :Data; envelope @1 :Data; }   # envelope empty: withheld
}

struct Parcel {
  number @0 :UInt32;            # the sender's count, answered by Accepted; 0 is not answered
  batch @1 :Signed;
  stamps @2 :List(Signed);
  proof @3 :Data;               # 32-byte hashes one after another
  chains @4 :List(Segment);
  wraps @5 :List(Data);
  struct Segment {
    archive @0 :Data;
    firstSeq @1 :UInt64;
    previous @2 :Data;          # header hash of firstSeq - 1, empty at 1
    leaf @3 :UInt32;            # index of this chain's end in the batch
    epoch @4 :UInt32;           # of the first entry; a later one that differs says so
    directory @5 :Position;     # likewise
    entries @6 :List(Item);
  }
  struct Item {
    body @0 :Data;              # sealed; empty when withheld
    extra @1 :Data;             # empty, or a varint-coded difference: see wire.md, 'Item extra'
  }
}

struct Accepted {
  number @0 :UInt32;
  stamps @1 :List(Signed);
  refused @2 :List(Refusal);
  moved @3 :List(FeedMove);
  code @4 :Text;                # set when the whole parcel was refused
  struct Refusal { archive @0 :Data; firstSeq @1 :UInt64; verdict @2 :UInt8; code @3 :Text; have @4 :UInt64; }
  struct FeedMove { audience @0 :Data; from @1 :UInt64; to @2 :UInt64; }
}

struct Touched {
  page @0 :UInt32;
  audience @1 :Data;
  upTo @2 :UInt64;
  items @3 :List(Item);
  struct Item { archive @0 :Data; heads @1 :Data; wraps @2 :UInt64; }
}

struct ArchiveHeads {
  archive @0 :Data;
  heads @1 :List(ChainHead);
  wantWraps @2 :Bool;
  struct ChainHead { node @0 :Data; incarnation @1 :UInt32; seq @2 :UInt64; hash @3 :Data; }
}

struct Want { page @0 :UInt32; items @1 :List(ArchiveHeads); }
# After the parcels of a page. behind: archives of the page where the asker has more than the hub.
# gone: archives no longer the asker's; the last keptBack of them are, but its replica has no room for them.
struct Served {
  page @0 :UInt32;
  behind @1 :List(ArchiveHeads);
  wraps @2 :List(Data);
  gone @3 :List(Data);
  keptBack @4 :UInt32;
  more @5 :Bool;  # nothing but wraps in it, and more of the page follows
}

# First contact: ranges of what each end holds, until the asker knows where they differ (wire.md, 'Reconciliation');
# then the asker lists archives, and the hub answers with its heads where they differ.
struct Compare { page @0 :UInt32; items @1 :List(Touched.Item); ranges @2 :Data; }
# confirm: what the hub compared, so that a page garbled on either way is noticed (wire.md, 'First contact').
struct Differ { page @0 :UInt32; items @1 :List(ArchiveHeads); confirm @2 :UInt32; ranges @3 :Data; }

# Stamps that came later than their batch: to its author (audience empty) and, where they change what a reader may
# believe, to everybody who follows the audience.
struct Receipts { upTo @0 :UInt64; stamps @1 :List(Signed); more @2 :Bool; audience @3 :Data; }

# Wraps made after their archive was opened, on their way to a hub; answered by Accepted.
struct Wraps { number @0 :UInt32; wraps @1 :List(Data); }

# Attachments (wire.md, 'Attachments'): an archive's, by the root that an entry of it names.
struct BlobName { archive @0 :Data; root @1 :Data; }
struct BlobOffer { items @0 :List(BlobName); }
# Answers an offer in order, or a want that cannot be served.
struct BlobStates {
  items @0 :List(Item);
  want @1 :Bool;                # it is a want that this answers
  struct Item {
    name @0 :BlobName;
    status @1 :UInt8;           # 1 unknown, 2 lacking, 3 whole, 4 refused
    list @2 :Bool;              # the list of chunks is needed, too
    held @3 :Data;              # one bit a chunk, lowest first
    partIndex @4 :UInt32;       # a chunk that was begun, and how much of it is there
    partBytes @5 :UInt32;
    code @6 :Text;              # why it is refused
  }
}
struct BlobList { name @0 :BlobName; ids @1 :Data; }     # 32-byte hashes one after another
struct BlobPiece { name @0 :BlobName; index @1 :UInt32; offset @2 :UInt32; bytes @3 :Data; }
struct BlobTaken { name @0 :BlobName; index @1 :UInt32; code @2 :Text; }
struct BlobWant { name @0 :BlobName; list @1 :Bool; first @2 :UInt32; offset @3 :UInt32; count @4 :UInt32; }
