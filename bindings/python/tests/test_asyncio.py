# SPDX-License-Identifier: MIT
"""asyncio: iterating over changes, and a loop that dispatches."""

import asyncio
import contextlib
import gc
import threading
import unittest

import cmreload
from support import PATIENCE, Case


class Iterating(Case):
    def play(self, scene):
        async def limited():
            async with asyncio.timeout(PATIENCE):
                await scene()

        asyncio.run(limited(), debug=True)

    def poke(self, reloader, **files):
        self.write(**files)
        reloader.check_now()

    def test_changes(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            seen = []
            async for update in reloader.changes("p.properties#a", type=int, initial=True):
                seen.append(update["p.properties#a"].new)
                if len(seen) == 3:
                    break
                self.poke(reloader, p=f"a={seen[-1] + 1}\n")
            self.assertEqual(seen, [1, 2, 3])

        self.play(scene)

    def test_who_is_slow_gets_the_newest(self):
        async def scene():
            reloader = self.loaded(p="a=1\nb=1\nc=1\n")
            changes = reloader.changes("**")
            for text in ("a=2\nb=1\nc=1\n", "a=3\nb=2\nc=1\nd=1\n", "a=4\nb=1\ne=1\n"):
                generation = reloader.snapshot.generation
                self.poke(reloader, p=text)
                while reloader.snapshot.generation == generation:
                    await asyncio.sleep(0)
            update = await anext(changes)
            self.assertEqual(sorted(change[:4] for change in update), [
                ("added", "p.properties#e", None, "1"),
                ("modified", "p.properties#a", "1", "4"),
                ("removed", "p.properties#c", "1", None),
            ])  # b is back where it was, d came and went
            self.assertEqual((update.before.generation, update.after.generation), (1, 4))
            await changes.aclose()

        self.play(scene)

    def test_what_waits_is_bounded(self):
        async def scene():
            reloader = self.loaded(p="k0=1\n")
            changes = reloader.changes("**")
            for number in range(1, 30):  # ever new keys
                self.write(p=f"k{number}=1\n")
                reloader.check_now()
                reloader.dispatch()
            self.assertLessEqual(len(changes._mailbox._changes), 2)
            update = await anext(changes)
            self.assertEqual([change[:2] for change in update], [("removed", "p.properties#k0"), ("added", "p.properties#k29")])

        self.play(scene)

    def test_ends_with_the_reloader(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            asyncio.get_running_loop().call_later(0.01, reloader.close)
            async for _ in reloader.changes("**"):
                self.fail("nothing has changed")

        self.play(scene)

    def test_closed_by_another_thread(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            changes = reloader.changes("**")
            thread = threading.Thread(target=reloader.close)
            thread.start()
            async for _ in changes:
                self.fail("nothing has changed")
            await asyncio.to_thread(thread.join)

        self.play(scene)

    def test_ends_by_aclose(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            changes = reloader.changes("**")
            waiting = asyncio.create_task(anext(changes, "over"))
            await asyncio.sleep(0)
            await changes.aclose()
            self.assertEqual(await waiting, "over")
            self.assertEqual(reloader.status.subscriptions, 0)
            async with contextlib.aclosing(reloader.changes("**")):
                self.assertEqual(reloader.status.subscriptions, 1)
            self.assertEqual((reloader.status.subscriptions, reloader._attached), (0, {}))

        self.play(scene)

    def test_dropped_in_the_middle(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            changes = reloader.changes("**")
            task = asyncio.create_task(anext(changes))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            del task, changes
            gc.collect()
            self.assertEqual((reloader.status.subscriptions, reloader._attached), (0, {}))

        self.play(scene)

    def test_dropped_behind_the_loop(self):
        kept = []

        async def scene():
            self.reloader = self.loaded(p="a=1\n")
            kept.append(self.reloader.changes("**"))

        self.play(scene)
        self.swap(self.reloader, p="a=2\n")  # the loop is closed
        kept.clear()
        gc.collect()
        self.assertEqual(self.reloader.status.subscriptions, 0)
        self.reloader.close()

    def test_two_at_once(self):
        async def scene():
            reloader = self.loaded(p="a=1\nb=1\n")

            async def first(patterns):
                async for update in reloader.changes(patterns):
                    return update.changes[0].new

            tasks = [asyncio.create_task(first(f"p.properties#{name}")) for name in "ab"]
            await asyncio.sleep(0)
            self.poke(reloader, p="a=2\nb=1\n")
            self.assertEqual(await tasks[0], "2")
            self.poke(reloader, p="a=2\nb=3\n")
            self.assertEqual(await tasks[1], "3")

        self.play(scene)

    def test_a_thread_dispatches(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            changes = reloader.changes("**", attach=False)
            thread = threading.Thread(target=reloader.run)
            thread.start()
            self.poke(reloader, p="a=2\n")
            self.assertEqual((await anext(changes)).changes[0].new, "2")
            await changes.aclose()
            reloader.close()
            await asyncio.to_thread(thread.join)

        self.play(scene)

    def test_attached(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            told = asyncio.Event()
            reloader.subscribe("**", lambda update: told.set())
            with reloader.attach():
                self.poke(reloader, p="a=2\n")
                await told.wait()
            self.assertEqual(reloader._attached, {})

        self.play(scene)

    def test_needs_a_loop(self):
        reloader = self.loaded(p="a=1\n")
        with self.assertRaises(RuntimeError):
            reloader.changes("**")
        with self.assertRaises(RuntimeError):
            reloader.attach()
        self.assertEqual(reloader.status.subscriptions, 0)

    def test_wrong_patterns(self):
        async def scene():
            reloader = self.loaded(p="a=1\n")
            with self.assertRaises(cmreload.InvalidArgumentError):
                reloader.changes("a..b[")

        self.play(scene)


if __name__ == "__main__":
    unittest.main()
