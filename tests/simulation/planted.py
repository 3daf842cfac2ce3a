# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plants one fault after another (schema/base/planted.h) and lets the simulation look for each of them.

    cmake --preset planted && cmake --build --preset planted
    python3 tests/simulation/planted.py [--seeds N] [--jobs N] [--only NAME ...] [--markdown]

Runs every seed without a fault first, which tells whose places each world comes to; a fault is then looked for in those,
and in the other tests (OTHERS) when no world finds it. Prints a table: fault, what is wrong with it, in how many worlds its place is
reached, the first seed that found it and by which invariant, or 'missed'. A fault counts as found when a seed fails, or
dies, that passes without it. Exit 1 when more than one in twenty is missed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build-planted/bin"
PROGRAM = PROGRAMS / "simulation_stories"
TEST = "simulation: worlds heal*"  # a comma in a name would have to be escaped
# Where no world finds it: program, its tests, what the table says of them.
OTHERS = (
    (PROGRAM, f"~{TEST}", "a story"),
    (PROGRAMS / "unit_node", "*", "a node"),
    (PROGRAMS / "malicious_peers", "*", "hostile bytes"),
    (PROGRAMS / "unit_bundle", "*", "files"),
)
FAULTS = {
    "drop_aad": "a body is sealed without the header it belongs to",
    "nonce_reused": "nonces repeat",
    "digest_without_last_chain": "heads are compared without the last chain",
    "replaced_value_stays": "a value stands beside the one that replaced it",
    "last_to_arrive_wins": "a field keeps what arrived last",
    "one_signer_destroys": "who proposed a destruction signs it, too",
    "expired_grant_reads": "a grant is good for ever",
    "moved_keeps_managers": "managers of the branch it left go on reading",
    "revoked_author_counts": "work of a revoked device counts",
    "any_stamp_excuses": "every stamp excuses work after the right was lost",
    "verdict_on_free_work": "a verdict undoes work that was in force",
    "told_late_stands_last": "a statement told late takes effect last, not at its place",
    "ghost_member_boxed": "an audience's secret may be boxed for a stranger",
    "audience_rotation_skipped": "an audience keeps the key that a leaver has",
    "obeyed_only_when_ordered": "a cut off hub waits before it obeys a revocation",
    "newcomer_gets_no_box": "nobody hands a new device the audience's secret",
    "sequence_reused": "an entry takes its predecessor's number",
    "rotation_skipped": "the first to write after a removal keeps the old key",
    "leaver_wrapped": "a new key is wrapped for those of the opening, too",
    "hybrid_time_forgotten": "the hybrid clock starts anew with each save",
    "keys_kept": "keys of an archive stay when the right to it went",
    "rows_kept": "rows of an archive stay when the right to it went",
    "destroyed_bodies_kept": "what was sealed in a destroyed archive stays",
    "drop_receipt_forgotten": "nobody says that it let go",
    "owed_batch_forgotten": "what a hub could not take yet is not offered again",
    "wraps_left_unqueued": "late wraps never leave the device that made them",
    "stamp_takes_claim": "a hub stamps with the author's clock",
    "late_stamp_unannounced": "readers are not told of an earlier stamp",
    "wraps_of_anybody": "a wrap is taken whoever made it",
    "foreign_work_taken": "hubs take work in archives its author never had",
    "gap_taken": "an entry is taken without its predecessor",
    "fork_without_proof": "of a fork no proof is kept",
    "destroyed_archive_taken": "entries of a destroyed archive are taken",
    "last_epoch_to_arrive_wins": "of two keys of an epoch the later one is gone on with",
    "entry_counted_twice": "an entry looked at again is counted again",
    "rows_not_judged_again": "rows stay as they were when rights moved",
    "clock_beyond_stamp": "a claimed time counts beyond its stamp",
    "epoch_known_by_number_alone": "an entry is opened with the epoch's key, whoever named another",
    "root_unchecked": "a batch's root is not compared",
    "signature_unchecked": "a batch's signature is not verified",
    "stamp_unchecked": "a stamp's signature is not verified",
    "lease_not_renewed": "contact does not bring keys back after the lease",
    "withheld_for_ever": "a statement that was withheld is never told",
    "pushed_mark_early": "the pushed mark moves before the answer",
    "cursor_leaps": "a cursor leaps over what others pushed",
    "cursor_before_data": "a cursor moves though what was promised did not come",
    "receipts_forgotten": "late stamps are not stored and the cursor moves",
    "statement_forgotten": "a statement is forgotten when a hub has it",
    "directory_after_the_end": "who lost every right is told what comes after",
    "access_not_cut": "a live line outlives the right to it",
    "former_reader_fed": "feeds go on to former readers",
    "wants_served_to_anybody": "whoever asks for an archive is given it",
    "chunk_unchecked": "an attachment's chunk is stored unchecked",
    "bundle_cursor_leaps": "a file's cursor moves though what was promised is not in it",
}


def run(fault, seed, program=PROGRAM, test=TEST):
    """What the program says with the fault, and ends with."""
    environment = os.environ | {"SATCHEL_PLANTED_FAULT": fault, "SATCHEL_SEEDS": "1", "SATCHEL_SEED_FROM": str(seed)}
    done = subprocess.run([program, test], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=7200,
                          errors="replace")
    if done.returncode == 0 and "All tests passed" not in done.stdout:
        sys.exit(f"{program} ran nothing: {done.stdout.strip()}")
    return done


def what_is_wrong(done):
    """The invariant, or how the program died; None when all is well."""
    if done.returncode == 0:
        return None
    wrong = re.search(r'with expansion:\s*"(.*?)"\s*==\s*""', done.stdout, re.S)
    died = (done.stderr.strip().split("\n") or [""])[-1] or f"ended with {done.returncode}"
    return (" ".join(wrong.group(1).split()) if wrong else died).replace(f"{ROOT}/", "")


def reached_by(seed):
    """The faults whose places that world comes to; None when it does not pass without any."""
    done = run("none", seed)
    told = re.search(rf"^reached {seed}:(.*)$", done.stdout, re.M)
    return None if what_is_wrong(done) else set(told.group(1).split() if told else [])


def look_for(fault, reached):
    """The first seed that fails with the fault and passes without it, and what is wrong."""
    for seed, names in reached.items():
        found = what_is_wrong(run(fault, seed)) if fault in names else None
        if found:
            return str(seed), found
    return next(filter(None, (look_in(fault, *other) for other in OTHERS)), None)


def look_in(fault, program, tests, name):
    """The first of these tests that fails with the fault."""
    done = run(fault, 1, program, tests)
    if done.returncode == 0:
        return None
    told = re.search(r"^-{9,}\n(.+?)\n-{9,}\n", done.stdout, re.M | re.S)
    return name, " ".join(told.group(1).split()) if told else what_is_wrong(done)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=500, help="the first so many seeds")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(FAULTS), help="these faults")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is not there: cmake --preset planted && cmake --build --preset planted")
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        seeds = range(1, options.seeds + 1)
        reached = {seed: names for seed, names in zip(seeds, pool.map(reached_by, seeds)) if names is not None}
        print(f"{len(reached)} of {options.seeds} seeds pass without a fault", file=sys.stderr)
        for program, tests, name in OTHERS:
            if run("none", 1, program, tests).returncode != 0:
                sys.exit(f"{name}: they do not pass without a fault")
        results = pool.map(lambda fault: (fault, look_for(fault, reached)), options.only)
        if options.markdown:
            print("| fault | what is wrong | reached in | found at seed | by |\n|---|---|---|---|---|")
        for fault, found in results:
            missed += found is None
            worlds = str(sum(fault in names for names in reached.values()))
            row = (fault, FAULTS[fault], worlds, *(found or ("missed", "")))
            print("| " + " | ".join(row) + " |" if options.markdown else "  ".join(row), flush=True)
    print(f"{len(options.only) - missed} of {len(options.only)} found within {options.seeds} seeds", file=sys.stderr)
    sys.exit(1 if missed * 20 > len(options.only) else 0)


if __name__ == "__main__":
    main()
