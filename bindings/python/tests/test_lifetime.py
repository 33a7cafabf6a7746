# SPDX-License-Identifier: MIT
"""How things end: cycles, threads, signals, forks, the interpreter; and that nothing is left."""

import dataclasses
import gc
import os
import signal
import sys
import threading
import time
import tracemalloc
import unittest
import warnings
import weakref

import cmreload
from support import PATIENCE, Case, script


class Collecting(Case):
    def open_unclosed(self):
        reloader = cmreload.open(self.path)
        reloader.load(PATIENCE)
        return reloader

    def drop(self, make):
        """The warnings, when what make() makes is collected."""
        gone = weakref.ref(make())
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            gc.collect()
        self.assertIsNone(gone())
        return [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)]

    def test_a_reloader_that_nobody_closed(self):
        self.write(p="a=1\n")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.open_unclosed()
        self.assertEqual([each.category for each in caught], [ResourceWarning])
        self.assertIn("unclosed reloader <", str(caught[0].message))

    def test_cycles_through_callbacks(self):
        self.write(p="a=1\n")

        def make():
            reloader = self.open_unclosed()
            reloader.subscribe("**", lambda update: reloader)
            reloader.on_event(lambda event: reloader)
            reloader.validator("v", lambda candidate: reloader)
            reloader.handle = reloader.subscribe("p.properties#a", lambda update: reloader)
            return reloader

        self.assertEqual(len(self.drop(make)), 1)

    def test_a_cycle_that_is_closed(self):
        self.write(p="a=1\n")

        def make():
            reloader = self.open_unclosed()
            reloader.subscribe("**", lambda update: reloader)
            reloader.close()
            return reloader

        self.assertEqual(self.drop(make), [])

    def test_handles_that_outlive_it(self):
        reloader = self.loaded(p="a=1\n")
        handles = [reloader.subscribe("**", print), reloader.on_event(print), reloader.validator("v", print)]
        snapshot = reloader.snapshot
        reloader.close()
        del reloader
        gc.collect()
        for handle in handles:
            handle.cancel()
            self.assertFalse(handle.active)
            self.assertIs(handle.__wrapped__, print)
        self.assertEqual(snapshot["p.properties#a"], "1")

    def test_callbacks_that_are_dropped(self):
        reloader = self.loaded(p="a=1\n")

        class Callback:
            def __call__(self, update):
                pass

        callback = Callback()
        gone = weakref.ref(callback)
        handle = reloader.subscribe("**", callback)
        del callback
        self.swap(reloader, p="a=2\n")
        handle.cancel()
        del handle
        gc.collect()
        self.assertIsNone(gone())

    def test_old_generations_are_let_go(self):
        reloader = self.loaded(p="a=1\n")
        reloader.snapshot["p.properties#a"]
        updates = []
        reloader.subscribe("**", lambda update: updates.append(sys.getrefcount(update.before)))
        tracemalloc.start()
        try:
            for number in range(40):
                self.swap(reloader, p=f"a={number}x\n", big="x" * 100_000)
                reloader.snapshot["big"]
                if number == 4:
                    before = tracemalloc.get_traced_memory()[0]
            self.assertLess(tracemalloc.get_traced_memory()[0], before + 200_000)
        finally:
            tracemalloc.stop()


def resident():
    """The resident set, which has what malloc gave to C, too."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Leaking(Case):
    def use_little(self):
        with cmreload.open(self.path) as reloader:
            reloader.subscribe("**", lambda update: reloader)
            reloader.validator("v", lambda candidate: reloader).cancel()

    def use(self):
        with cmreload.open(self.path) as reloader:
            settings = reloader.validator("v", lambda candidate: None)
            reloader.subscribe("**", lambda update: reloader, initial=True)
            reloader.on_event(lambda event: reloader)
            reloader.load(PATIENCE)
            reloader.snapshot.tree("app.yaml")
            reloader.snapshot.get_list("app.yaml#l", int)
            list(reloader.snapshot)
            for wrong in (lambda: reloader.snapshot["x"], lambda: reloader.subscribe("app.yaml#l[0]", print, type="ip")):
                try:
                    wrong()
                except cmreload.Error:
                    pass
            settings.cancel()

    def measure(self):
        gc.collect()
        return len(gc.get_objects()), len(os.listdir("/proc/self/fd")), tracemalloc.get_traced_memory()[0]

    def test_a_thousand_opens(self):
        self.write(app="a: 1\nl: [1, 2]\n")
        for _ in range(20):
            self.use()
        tracemalloc.start()
        try:
            self.use()
            objects, descriptors, memory = self.measure()
            pages = resident()
            for _ in range(1000):
                self.use_little()
            for _ in range(150):  # of which each waits for the kernel to end an inotify instance
                self.use()
            more_objects, more_descriptors, more_memory = self.measure()
        finally:
            tracemalloc.stop()
        self.assertLess(resident(), pages + 10_000_000)  # a reloader has some 20 kB
        self.assertEqual(more_descriptors, descriptors)
        self.assertLess(more_objects, objects + 200)
        self.assertLess(more_memory, memory + 50_000)

    def test_what_python_does_not_count(self):
        self.write(app="a: 1\n", big="x" * 200_000)
        snapshot = cmreload.read(self.path)

        def use():
            snapshot.get_bytes("big")
            cmreload.read(self.path)
            with self.assertRaises(cmreload.RejectedError):
                cmreload.snapshot({"a.yaml": "["})

        for _ in range(50):
            use()
        before = resident()
        for _ in range(300):  # 60 MB, if each were left
            use()
        self.assertLess(resident(), before + 20_000_000)


class Threads(Case):
    def test_one_dispatches_and_others_read(self):
        self.write(p="a=0\nb=0\n")
        reloader = self.open()
        reloader.load(PATIENCE)
        stop, mixed, reads = threading.Event(), [], []

        def read():
            count = 0
            while not stop.is_set():
                snapshot = reloader.snapshot
                if snapshot["p.properties#a"] != snapshot["p.properties#b"]:
                    mixed.append(dict(snapshot))
                handle = reloader.subscribe("p.properties#a", lambda update: None)
                handle.cancel()
                count += 1
            reads.append(count)

        dispatcher = threading.Thread(target=reloader.run)
        readers = [threading.Thread(target=read) for _ in range(3)]
        for thread in (dispatcher, *readers):
            thread.start()
        for number in range(1, 60):
            self.write(p=f"a={number}\nb={number}\n")
            reloader.check_now()
        while reloader.snapshot["p.properties#a"] != "59":
            time.sleep(0.001)
        stop.set()
        for thread in readers:
            thread.join(PATIENCE)
        reloader.close()
        dispatcher.join(PATIENCE)
        self.assertEqual((mixed, dispatcher.is_alive()), ([], False))
        self.assertTrue(all(reads))

    def test_cancelling_waits_for_the_callback(self):
        reloader = self.loaded(p="a=1\n")
        inside, go_on, done = threading.Event(), threading.Event(), []

        def changed(update):
            inside.set()
            go_on.wait(PATIENCE)
            time.sleep(0.01)
            done.append(update)

        handle = reloader.subscribe("**", changed)
        thread = threading.Thread(target=reloader.run)
        thread.start()
        self.write(p="a=2\n")
        reloader.check_now()
        inside.wait(PATIENCE)
        go_on.set()
        handle.cancel()
        self.assertEqual(len(done), 1)
        reloader.close()
        thread.join(PATIENCE)

    def test_cancelled_and_closed_at_once(self):
        for _ in range(30):
            reloader = self.loaded(p="a=1\n")
            handles = [reloader.subscribe("**", lambda update: None) for _ in range(4)]
            threads = [threading.Thread(target=each) for each in (*(handle.cancel for handle in handles), reloader.close,
                                                                 reloader.run)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
                self.assertFalse(thread.is_alive())

    def test_only_one_dispatches(self):
        reloader = self.loaded(p="a=1\n")
        inside, go_on = threading.Event(), threading.Event()

        @reloader.subscribe("**")
        def changed(update):
            inside.set()
            go_on.wait(PATIENCE)

        thread = threading.Thread(target=reloader.run)
        thread.start()
        self.write(p="a=2\n")
        reloader.check_now()
        inside.wait(PATIENCE)
        for call in (reloader.dispatch, reloader.wait, lambda: reloader.dry_run(reloader.snapshot)):
            with self.assertRaises(cmreload.BusyError):
                call()
        go_on.set()
        reloader.close()
        thread.join(PATIENCE)

    def test_the_gil_is_free_while_it_waits(self):
        reloader = self.loaded(p="a=1\n")
        while reloader.wait(0):
            pass
        woken = threading.Timer(0.02, reloader.wake)
        woken.start()
        self.assertTrue(reloader.wait(PATIENCE))  # else the timer's thread could never have run
        woken.join()


class Signals(Case):
    def test_handlers_run_and_the_wait_goes_on(self):
        reloader = self.loaded(p="a=1\n")
        while reloader.wait(0):
            pass
        seen = []

        def handler(number, frame):
            seen.append(number)
            if len(seen) == 3:
                reloader.wake()
            else:
                signal.setitimer(signal.ITIMER_REAL, 0.01)

        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, handler))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        self.assertTrue(reloader.wait(PATIENCE))
        self.assertEqual(len(seen), 3)

    def test_an_interrupt_ends_a_wait(self):
        reloader = self.loaded(p="a=1\n")
        while reloader.wait(0):
            pass
        timer = threading.Timer(0.05, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            while True:
                reloader.wait()
        timer.join()
        self.assertFalse(reloader.closed)

    def test_a_timeout_is_one_for_all_signals(self):
        reloader = self.loaded(p="a=1\n")
        while reloader.wait(0):
            pass
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, lambda number, frame: None))
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        self.assertIs(reloader.wait(0.1), False)  # it would never end if each signal began it anew


class Forks(Case):
    def in_child(self, function):
        child = os.fork()
        if not child:
            try:
                function()
                os._exit(0)
            except BaseException as error:  # told by the status
                print(f"in the child: {error!r}", file=sys.stderr)
                os._exit(1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)

    def test_after_fork(self):
        reloader = self.loaded(p="a=1\n")
        updates = []
        reloader.subscribe("**", updates.append)

        def child():
            assert reloader.snapshot["p.properties#a"] == "1"
            for call in (reloader.dispatch, reloader.wait, reloader.load):
                try:
                    call()
                    raise AssertionError("no ForkedError")
                except cmreload.ForkedError:
                    pass
            assert reloader.fileno() == -1
            reloader.after_fork()
            assert reloader.fileno() >= 0
            self.swap(reloader, p="a=2\n")
            assert updates[0]["p.properties#a"].new == "2"
            reloader.close()

        self.in_child(child)
        reloader.check_now()
        reloader.wait(PATIENCE)
        self.assertEqual(updates[0]["p.properties#a"].new, "2")

    def test_one_process_loads_for_all(self):
        self.write(p="a=1\n")
        share = cmreload.Share()

        def worker(pipe):
            with cmreload.open(self.path) as reloader:
                reloader.join(share)
                settings = reloader.follow("p.properties", dataclasses.make_dataclass("Wanted", [("a", int)]))
                reloader.subscribe("**", lambda update: os.write(pipe, update.changes[0].new.encode()), initial=True)
                reloader.load(PATIENCE)
                assert settings.current.a == 1
                while reloader.snapshot["p.properties#a"] != "2":
                    reloader.wait(PATIENCE)
                assert settings.current.a == 2

        reading, writing = os.pipe()
        with cmreload.open(self.path) as reloader:
            reloader.join(share)
            with self.assertRaises(cmreload.BusyError):
                reloader.join(share)
            with self.assertRaises(TypeError):
                reloader.join(None)
            reloader.load(PATIENCE)
            self.assertEqual((reloader.status.role, reloader.status.publisher), ("publisher", os.getpid()))
            child = os.fork()
            if not child:
                status = 1
                try:
                    reloader.close()
                    worker(writing)
                    status = 0
                except BaseException as error:
                    print(f"in the child: {error!r}", file=sys.stderr)
                finally:
                    os._exit(status)
            while len(reloader.members()) < 2:
                reloader.wait(0.05)
            self.assertEqual([(member.pid, member.role) for member in reloader.members()],
                             [(os.getpid(), "publisher"), (child, "consumer")])
            while os.read(reading, 1) != b"1":
                pass
            self.write(p="a=2\n")
            reloader.check_now()
            while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
                reloader.wait(0.05)
            self.assertEqual((os.read(reading, 1), os.waitstatus_to_exitcode(ended[1])), (b"2", 0))
        os.close(reading)
        os.close(writing)
        self.assertRaises(TypeError, cmreload.Share, 1)

    def test_a_child_that_only_ends(self):
        reloader = self.loaded(p="a=1\n")
        handle = reloader.subscribe("**", lambda update: None)

        def child():
            handle.cancel()
            reloader.close()

        self.in_child(child)
        self.swap(reloader, p="a=2\n")
        self.assertEqual(reloader.snapshot["p.properties#a"], "2")

    def test_while_another_thread_waits(self):
        reloader = self.loaded(p="a=1\n")
        thread = threading.Thread(target=reloader.run)
        thread.start()

        def child():
            reloader.after_fork()
            reloader.check_now()
            reloader.wait(PATIENCE)
            reloader.close()

        self.in_child(child)
        reloader.close()
        thread.join(PATIENCE)


class Interpreters(Case):
    def test_ends_with_an_open_reloader(self):
        self.write(p="a=1\n")
        said, _ = script(
            """
            import cmreload, sys
            reloader = cmreload.open(sys.argv[1])
            reloader.load(60)
            @reloader.subscribe("**", initial=True)
            def changed(update):
                print(reloader.snapshot["p.properties#a"])
            settings = reloader.validator("v", lambda candidate: reloader)
            reloader.dispatch()
            """,
            self.path,
        )
        self.assertEqual(said, "1\n")

    def test_ends_while_a_daemon_thread_runs(self):
        self.write(p="a=1\n")
        said, _ = script(
            """
            import cmreload, sys, threading
            reloader = cmreload.open(sys.argv[1])
            reloader.load(60)
            reloader.subscribe("**", print)
            threading.Thread(target=reloader.run, daemon=True).start()
            """,
            self.path,
        )
        self.assertEqual(said, "")

    def test_ends_in_a_callback(self):
        self.write(p="a=1\n")
        said, status = script(
            """
            import cmreload, sys
            reloader = cmreload.open(sys.argv[1])
            reloader.subscribe("**", lambda update: sys.exit(7), initial=True)
            reloader.load(60)
            """,
            self.path,
            check=False,
        )
        self.assertEqual((said, status), ("", 7))

    def test_an_iterator_is_left(self):
        self.write(p="a=1\n")
        said, _ = script(
            """
            import asyncio, cmreload, sys
            async def main():
                global reloader, changes
                reloader = cmreload.open(sys.argv[1])
                reloader.load(60)
                changes = reloader.changes("**", initial=True)
                async for update in changes:
                    print(update.changes[0].new)
                    break
            asyncio.run(main())
            """,
            self.path,
        )
        self.assertEqual(said, "1\n")

    def test_a_subclass(self):
        self.write(p="a=1\n")
        said, _ = script(
            """
            import cmreload, sys
            class Mine(cmreload.Reloader):
                pass
            with Mine(sys.argv[1]) as reloader:
                reloader.load(60)
                print(reloader.snapshot["p.properties#a"])
            """,
            self.path,
        )
        self.assertEqual(said, "1\n")


if __name__ == "__main__":
    unittest.main()
