# SPDX-License-Identifier: MIT
"""The reloader: loading, waiting, events, subscriptions, holding, closing."""

import enum
import json
import logging
import os
import sys
import threading
import time
import unittest
from datetime import timedelta

import cmreload
from support import PATIENCE, Case


class Loading(Case):
    def test_load(self):
        reloader = self.loaded(app="port: 80\n")
        self.assertEqual(reloader.snapshot["app.yaml#port"], 80)
        self.assertEqual(reloader.snapshot.generation, 1)
        self.assertIs(reloader.snapshot, reloader.snapshot)
        self.assertEqual(reloader.snapshot.target_of(), reloader.mount_status().applied_target)
        self.assertLess(abs(reloader.snapshot.loaded_at - time.time()), 3600)

    def test_before_the_first_load(self):
        reloader = self.open()
        self.assertEqual((reloader.snapshot.generation, len(reloader.snapshot)), (0, 0))

    def test_a_bad_generation_says_what_is_wrong(self):
        self.write(app="a: [\n", p="x=\\u1\n")
        reloader = self.open()
        for _ in range(2):  # told once as an event, and here each time
            with self.assertRaises(cmreload.RejectedError) as caught:
                reloader.load(PATIENCE)
            self.assertEqual([each.file for each in caught.exception.diagnostics], ["app.yaml", "p.properties"])
            self.assertIn('p.properties:1:3: \\u wants four hexadecimal digits, found "1"', str(caught.exception))
        self.swap(reloader, app="a: 1\n")
        self.assertEqual(reloader.snapshot["app.yaml#a"], 1)

    def test_nothing_there(self):
        reloader = self.open()
        with self.assertRaises(cmreload.NotMountedError) as caught:
            reloader.load(0)
        self.assertIsInstance(caught.exception, FileNotFoundError)
        self.assertEqual(caught.exception.status, cmreload.Status.NOT_FOUND)

    def test_timeouts(self):
        reloader = self.loaded(app="a: 1\n")
        while reloader.wait(0):
            pass
        self.assertIs(reloader.wait(0.001), False)
        reloader.wake()
        self.assertIs(reloader.wait(), True)
        for wrong in (-1, float("nan")):
            with self.assertRaises(ValueError):
                reloader.wait(wrong)
        with self.assertRaises(TypeError):
            reloader.wait("1")

    def test_held(self):
        reloader = self.loaded(app="a: 1\n")
        with reloader.hold():
            self.write(app="a: 2\n")
            reloader.check_now()
            reloader.dispatch()
            self.assertTrue(reloader.status.held)
            self.assertEqual(reloader.snapshot["app.yaml#a"], 1)
        self.assertFalse(reloader.status.held)
        reloader.wait(PATIENCE)
        self.assertEqual(reloader.snapshot["app.yaml#a"], 2)

    def test_status(self):
        reloader = self.loaded(app="a: 1\n")
        self.swap(reloader, app="a: [\n")
        status = reloader.status
        self.assertEqual((status.generation, status.reloads_applied, status.reloads_rejected), (1, 1, 1))
        self.assertIs(status.held, False)
        mount = reloader.mount_status("config")
        self.assertEqual((mount.state in ("ready", "polling"), mount.kind, mount.applied_from), (True, "volume", "mount"))
        self.assertNotEqual(mount.mounted_target, mount.applied_target)
        with self.assertRaises(cmreload.Error):
            reloader.mount_status("other")

    def test_for_operators(self):
        reloader = self.loaded(app="a: 1\n")
        self.assertEqual(reloader.report(), ())
        self.swap(reloader, app="a: [\n")
        (diagnostic,) = reloader.report("config")
        self.assertEqual((diagnostic.file, diagnostic.line), ("app.yaml", 2))
        self.assertEqual(json.loads(reloader.status_json())["generation"], 1)
        text = reloader.prometheus("app", labels='worker="1"')
        self.assertIn('app_config_reloads_total{worker="1",result="applied"} 1', text)
        self.assertIn("cmreload_config_", reloader.prometheus())
        with self.assertRaises(cmreload.InvalidArgumentError):
            reloader.prometheus("no prefix")
        with self.assertRaises(cmreload.Error):
            reloader.report("other")

    def test_mounts(self):
        other = os.path.join(self.folder, "odd name")
        cmreload.write_volume(other, {"word": "hello"})
        self.write(app="a: 1\n")
        reloader = self.open()
        reloader.add_mount(other)
        reloader.add_mount(os.path.join(self.folder, "extra"), cmreload.Mount(optional=True))
        updates = []
        reloader.subscribe("*:**", updates.append, initial=True)
        reloader.load(PATIENCE)
        self.assertEqual(list(reloader.snapshot), ["app.yaml#a", '["odd name"]:word'])
        self.assertEqual(reloader.snapshot['["odd name"]:word'], "hello")
        self.assertEqual([(change.key, change.mount) for change in updates[0]],
                         [("app.yaml#a", "config"), ('["odd name"]:word', "odd name")])
        with self.assertRaises(cmreload.BusyError):
            reloader.add_mount(other)

    def test_a_plain_directory(self):
        os.mkdir(self.path)
        with open(os.path.join(self.path, "a.properties"), "w", encoding="utf-8") as file:
            file.write("x=1\n")
        reloader = self.open(settle=-1)
        reloader.load(PATIENCE)
        self.assertEqual(reloader.snapshot["a.properties#x"], "1")
        self.assertEqual(reloader.mount_status().kind, "directory")

    def test_the_last_good_generation(self):
        state = os.path.join(self.folder, "state")
        self.write(app="a: 1\n")
        with cmreload.open(self.path, state_dir=state) as reloader:
            reloader.load(PATIENCE)
        self.write(app="a: [\n")
        reloader = self.open(state_dir=state, boot="last_good")
        events = []
        reloader.on_event(events.append)
        reloader.load(PATIENCE)
        self.assertEqual(reloader.snapshot["app.yaml#a"], 1)
        self.assertEqual(reloader.status.booted_from, "last_good")
        self.assertEqual([event.kind for event in events if event.kind in ("ready", "rejected")], ["rejected", "ready"])
        with self.assertRaises(ValueError):
            cmreload.open(self.path, boot="somehow")

    def test_what_it_logs(self):
        self.write(app="a: 1\n")
        reloader = self.open()
        with self.assertLogs("cmreload", logging.DEBUG) as caught:
            reloader.load(PATIENCE)
            self.swap(reloader, app="a: [\n")
        self.assertTrue(any(record.levelno == logging.ERROR for record in caught.records))
        lines = []
        with cmreload.open(self.path, log=lambda level, message: lines.append((level, message))) as reloader:
            with self.assertRaises(cmreload.RejectedError):
                reloader.load(PATIENCE)
        self.assertIn(cmreload.LogLevel.ERROR, [level for level, _ in lines])

    def test_a_log_function_that_raises(self):
        self.write(app="a: 1\n")

        def log(level, message):
            raise ValueError("no log")

        with cmreload.open(self.path, log=log) as reloader:
            reloader.load(PATIENCE)
        self.assertEqual({str(error) for error in self.unraised()}, {"no log"})

    def test_dry_runs(self):
        reloader = self.loaded(app="a: 1\n")
        asked = []

        @reloader.validator("judge")
        def judge(candidate):
            asked.append(candidate["app.yaml#a"])
            if candidate["app.yaml#a"] == 3:
                raise cmreload.Veto("three", key="app.yaml#a")

        self.assertEqual(reloader.dry_run(cmreload.snapshot({"app.yaml": "a: 2\n"})), ())
        with self.assertRaises(cmreload.RejectedError) as caught:
            reloader.dry_run(cmreload.snapshot({"app.yaml": "a: 3\n"}))
        self.assertIn("app.yaml:1:1: app.yaml#a: judge: three", str(caught.exception))
        self.assertEqual((asked, reloader.snapshot["app.yaml#a"]), ([2, 3], 1))


class Events(Case):
    def test_events(self):
        self.write(app="a: 1\n")
        reloader = self.open()
        events = []
        handle = reloader.on_event(events.append)
        reloader.load(PATIENCE)
        self.swap(reloader, app="a: 2\n")
        self.swap(reloader, app="a: [\n")
        told = [event for event in events if event.kind != "state"]
        self.assertEqual([(event.kind, event.generation) for event in told], [("ready", 1), ("applied", 2), ("rejected", 2)])
        self.assertEqual(told[1].hash, reloader.snapshot.hash)
        self.assertEqual(told[2].diagnostics[0].file, "app.yaml")
        self.assertEqual(told[0].mount, "config")
        handle.cancel()
        self.swap(reloader, app="a: 3\n")
        self.assertEqual(len([event for event in events if event.kind != "state"]), 3)


class Mode(enum.Enum):
    SLOW = "slow"
    LAZY = "slow2"
    FAST = "fast"


class Subscribing(Case):
    def test_changes(self):
        reloader = self.loaded(app="a: 1\nb: x\n")
        updates = []
        handle = reloader.subscribe("app.yaml#**", updates.append)
        self.swap(reloader, app="a: 2\nc: [1]\n")
        (update,) = updates
        self.assertEqual([change[:4] for change in update],
                         [("modified", "app.yaml#a", 1, 2), ("added", "app.yaml#c[0]", None, 1), ("removed", "app.yaml#b", "x", None)])
        self.assertIs(update.after, reloader.snapshot)
        self.assertEqual(update.before["app.yaml#a"], 1)
        self.assertTrue(handle.active)
        handle.cancel()
        handle.cancel()
        self.assertFalse(handle.active)
        self.swap(reloader, app="a: 3\n")
        self.assertEqual(len(updates), 1)

    def test_a_decorator(self):
        reloader = self.loaded(app="a: 1\n")

        @reloader.subscribe("app.yaml#a", initial=True)
        def changed(update):
            return update["app.yaml#a"].new

        reloader.dispatch()
        self.assertEqual(changed.__wrapped__.__name__, "changed")
        self.assertEqual(changed({"app.yaml#a": cmreload.Change("added", "", 0, 7, "")}), 7)
        changed.cancel()

    def test_types(self):
        reloader = self.loaded(p="n=1\nt=1s\nmode=slow\nlist=1, 2\n")
        told = {}
        for name, kind in (("n", int), ("t", timedelta), ("mode", Mode), ("list", list[int])):
            reloader.subscribe(f"p.properties#{name}", lambda update, name=name: told.setdefault(name, []).append(update.changes[0]),
                               type=kind, initial=True)
        reloader.dispatch()
        self.swap(reloader, p="n=2\nt=1000ms\nmode=fast\nlist=1,2\n")
        self.swap(reloader, p="n=3\nt=2s\nmode=fast\nlist=2, 1\n")
        self.assertEqual([change.new for change in told["n"]], [1, 2, 3])
        self.assertEqual([change.new for change in told["t"]], [timedelta(seconds=1), timedelta(seconds=2)])
        self.assertEqual([(change.old, change.new) for change in told["mode"]], [(None, Mode.SLOW), (Mode.SLOW, Mode.FAST)])
        self.assertEqual([(change.old, change.new) for change in told["list"]], [(None, [1, 2]), ([1, 2], [2, 1])])
        self.swap(reloader, p="n=3\nt=2s\nmode=warp\nlist=2, 1\n")
        self.assertEqual(reloader.status.reloads_rejected, 1)

    def test_what_is_loaded_does_not_fit(self):
        reloader = self.loaded(app="a: {b: 1, c: x}\nl: [1, x]\n")
        with self.assertRaises(cmreload.ConversionError) as caught:
            reloader.subscribe("app.yaml#a.**", print, type=int)
        self.assertIn('app.yaml:1:11: app.yaml#a.c: wanted int64, found the string "x"', str(caught.exception))
        with self.assertRaises(cmreload.ConversionError) as caught:
            reloader.subscribe("app.yaml#l", print, type=list[int])
        self.assertIn("app.yaml#l[1]: wanted int64", str(caught.exception))
        self.assertEqual(reloader.status.subscriptions, 0)

    def test_wrong_arguments(self):
        reloader = self.loaded(app="a: 1\n")
        with self.assertRaises(cmreload.InvalidArgumentError) as caught:
            reloader.subscribe("app.yaml#a..b", print)
        self.assertIn("malformed pattern", str(caught.exception))
        with self.assertRaises(cmreload.InvalidArgumentError):
            reloader.subscribe("app.yaml#*", print, type=list[int])  # a list is a key's
        with self.assertRaises(TypeError):
            reloader.subscribe("app.yaml#a", print, type=complex)
        with self.assertRaises(TypeError):
            reloader.subscribe("app.yaml#a", print, True)

    def test_lenient(self):
        reloader = self.loaded(p="a=1\n")
        updates = []
        reloader.subscribe("p.properties#a", updates.append, type=int, lenient=True)
        self.swap(reloader, p="a=x\n")
        self.assertEqual((reloader.status.generation, updates), (2, []))

    def test_debounced(self):
        reloader = self.loaded(p="a=1\n")
        updates = []
        reloader.subscribe("p.properties#a", updates.append, debounce=timedelta(milliseconds=20))
        self.swap(reloader, p="a=2\n")
        while not updates:
            self.assertTrue(reloader.wait(PATIENCE))
        self.assertEqual(updates[0]["p.properties#a"].new, "2")

    def test_exceptions_go_to_the_hook_and_the_next_update_arrives(self):
        reloader = self.loaded(p="a=1\n")
        told = []

        @reloader.subscribe("p.properties#a")
        def changed(update):
            told.append(update["p.properties#a"].new)
            raise ValueError(told[-1])

        others = []
        reloader.subscribe("p.properties#a", others.append)
        self.swap(reloader, p="a=2\n")
        self.swap(reloader, p="a=3\n")
        self.assertEqual((told, len(others)), (["2", "3"], 2))
        self.assertEqual([str(error) for error in self.unraised()], ["2", "3"])

    def test_what_is_no_exception_is_raised_by_the_call(self):
        reloader = self.loaded(p="a=1\n")

        @reloader.subscribe("p.properties#a")
        def changed(update):
            raise KeyboardInterrupt

        self.write(p="a=2\n")
        reloader.check_now()
        with self.assertRaises(KeyboardInterrupt):
            reloader.wait(PATIENCE)
        self.assertEqual(reloader.snapshot["p.properties#a"], "2")

        @reloader.on_event
        def stop(event):
            sys.exit(3)

        changed.cancel()
        self.write(p="a=3\n")
        reloader.check_now()
        with self.assertRaises(SystemExit):
            reloader.wait(PATIENCE)

    def test_callbacks_may_do_as_they_like(self):
        reloader = self.loaded(p="a=1\n")
        told = []

        @reloader.subscribe("p.properties#a")
        def changed(update):
            told.append(reloader.snapshot["p.properties#a"])
            changed.cancel()
            reloader.subscribe("p.properties#a", lambda update: told.append("second"))
            with self.assertRaises(cmreload.BusyError):
                reloader.dispatch()

        self.swap(reloader, p="a=2\n")
        self.swap(reloader, p="a=3\n")
        self.assertEqual(told, ["2", "second"])

    def test_log_levels(self):
        logger = logging.getLogger("test_log_levels")
        reloader = self.loaded(log_level="warning")
        handle = reloader.follow_log_level("log_level", logger)
        self.assertEqual(logger.level, logging.WARNING)
        self.swap(reloader, log_level="debug")
        self.assertEqual(logger.level, logging.DEBUG)
        self.swap(reloader, log_level="loud")
        self.assertEqual((logger.level, reloader.status.reloads_rejected), (logging.DEBUG, 1))
        self.swap(reloader, other="1")
        self.assertEqual(logger.level, logging.INFO)
        handle.cancel()
        cmreload.follow_log_level(reloader, "log_level", logger, cmreload.LogLevel.TRACE).cancel()
        self.assertEqual(logger.level, 5)
        self.swap(reloader, log_level="loud")
        with self.assertRaises(cmreload.ConversionError):
            reloader.follow_log_level("log_level", logger)


class Closing(Case):
    def test_closed(self):
        reloader = self.loaded(app="a: 1\n")
        handle, snapshot = reloader.subscribe("**", print), reloader.snapshot
        hold = reloader.hold()
        reloader.close()
        reloader.close()
        self.assertTrue(reloader.closed)
        for call in (reloader.dispatch, reloader.wait, reloader.load, reloader.check_now, reloader.wake, reloader.fileno,
                     lambda: reloader.snapshot, lambda: reloader.status, reloader.mount_status, reloader.after_fork,
                     lambda: reloader.subscribe("**", print), lambda: reloader.on_event(print), reloader.hold,
                     lambda: reloader.validator("v", print), lambda: reloader.add_mount("x")):
            with self.assertRaises(cmreload.ClosedError):
                call()
        handle.cancel()
        hold.release()
        self.assertFalse(handle.active)
        self.assertEqual(snapshot["app.yaml#a"], 1)
        reloader.run()  # is over

    def test_closed_in_its_own_callback(self):
        reloader = self.loaded(p="a=1\n")
        told = []

        @reloader.subscribe("p.properties#a")
        def changed(update):
            reloader.close()
            told.append(update.after["p.properties#a"])

        reloader.subscribe("p.properties#a", told.append)
        self.write(p="a=2\n")
        reloader.check_now()
        with self.assertRaises(cmreload.ClosedError):
            reloader.wait(PATIENCE)
        self.assertEqual(told, ["2"])

    def test_closed_by_another_thread(self):
        reloader = self.loaded(p="a=1\n")
        thread = threading.Thread(target=reloader.run)
        thread.start()
        reloader.close()
        thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())

    def test_never_opened(self):
        for arguments in ((), (3,), (self.path, 3)):
            with self.assertRaises(TypeError):
                cmreload.open(*arguments)
        with self.assertRaises(ValueError):
            cmreload.open("a\0b")
        with self.assertRaises(cmreload.InvalidArgumentError):
            cmreload.open("")
        bare = cmreload.Reloader.__new__(cmreload.Reloader)
        with self.assertRaises(cmreload.ClosedError):
            bare.wait()
        reloader = self.open()
        with self.assertRaises(RuntimeError):
            reloader.__init__(self.path)


if __name__ == "__main__":
    unittest.main()
