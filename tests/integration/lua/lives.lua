-- SPDX-License-Identifier: MIT
--
-- Lives and ends: what is collected, closed or left, in every order. It is for valgrind to judge; what Lua can see of
-- it is checked here.
local cmreload = require "cmreload"
local support = require "support"
local apply, equal, raises, fails, collect = support.apply, support.equal, support.raises, support.fails, support.collect

local function change(volume, text)
    apply(volume, {["a.yaml"] = "n: " .. text .. "\n"})
end

local function follow(options)
    return support.load({["a.yaml"] = "n: 1\n"}, options)
end

-- Whether the object that make() makes is collected, when nothing but make's leavings refers to it.
local function is_collected(make)
    local weak = setmetatable({}, {__mode = "v"})
    weak[1] = make()
    collect()
    return weak[1] == nil
end

left = {} -- global: it is there until the state is closed

-- Its finalizer runs after those of all that is made later, and uses them all the same.
if newproxy then
    left.proxy = newproxy(true)
else
    left.proxy = setmetatable({}, {})
end
getmetatable(left.proxy).__gc = function()
    pcall(left.reloader.dispatch, left.reloader)
    pcall(left.reloader.close, left.reloader)
    pcall(left.registration.close, left.registration)
    pcall(left.snapshot.get, left.snapshot, "a.yaml#n")
    pcall(left.next, left.cursor)
    tostring(left.reloader)
    io.stdout:write("the last finalizer\n")
end
if not newproxy then
    setmetatable(left.proxy, getmetatable(left.proxy)) -- 5.4 looks for __gc when it is set
end

support.tests{
    "a reloader is collected while callbacks refer to it", function()
        assert(is_collected(function()
            local reloader = follow{log = function() left = left end}
            reloader:subscribe("**", function() return reloader:snapshot() end, {initial = true})
            reloader:observe(function() return reloader end)
            reloader:validate{name = "v", prepare = function() return reloader ~= nil end}
            return reloader
        end))
    end,

    "a reloader is collected before its first load, and when it could not be opened", function()
        assert(is_collected(function() return cmreload.open("nowhere") end))
        for _ = 1, 5 do
            pcall(cmreload.open, ".", {mounts = {{path = "x", name = "x"}, {path = "y", name = "x"}}})
            pcall(cmreload.open, ".", {log = print, unknown = 1})
        end
        collect()
    end,

    "a registration does not keep a reloader, nor end with its object", function()
        local registration, calls = nil, 0
        assert(is_collected(function()
            local reloader = follow()
            registration = reloader:subscribe("**", print)
            return reloader
        end))
        registration:close()
        registration = nil
        collect()
        local reloader, volume = follow()
        reloader:subscribe("**", function() calls = calls + 1 end)
        collect()
        change(volume, "2")
        support.wait(reloader, function() return calls == 1 end)
    end,

    "a function that is subscribed goes with its registration", function()
        local reloader = follow()
        assert(is_collected(function()
            local f = function() return reloader end
            local registration = reloader:subscribe("**", f)
            registration:close()
            return f
        end))
        assert(is_collected(function()
            local f = function() return reloader end
            reloader:subscribe("a.yaml#n", f)
            reloader:close()
            return f
        end))
    end,

    "a reloader is closed by its own callbacks", function()
        for _, name in ipairs{"subscribe", "observe", "prepare", "commit", "twice", "fails"} do
            local reloader, volume = follow()
            local function close()
                if name ~= "observe" or reloader:snapshot():generation() == 2 then
                    reloader:close()
                end
            end
            if name == "observe" then
                reloader:observe(close)
            elseif name == "prepare" or name == "commit" then
                reloader:validate{name = "first", prepare = function() end, abort = function() end}
                reloader:validate{name = "v", prepare = name == "prepare" and close or function() end,
                    commit = name == "commit" and close or nil}
            elseif name == "fails" then
                reloader:subscribe("**", function() close() error("after close") end)
            else
                reloader:subscribe("**", function() close() reloader:close() collect() end)
            end
            if name == "twice" then
                reloader:subscribe("**", close)
            end
            change(volume, "2")
            local ok, result, _, status
            repeat
                ok, result, _, status = pcall(reloader.wait, reloader, 60)
            until not ok or not result or reloader:is_closed()
            equal(reloader:is_closed(), true)
            if name == "fails" then
                assert(result:find("after close", 1, true), result)
            else
                equal(status, "closed")
            end
            fails("closed", "", reloader:dispatch())
        end
        collect()
    end,

    "registrations end themselves and each other in callbacks", function()
        local reloader, volume = follow()
        local one, two, three, calls = nil, nil, nil, 0
        one = reloader:subscribe("**", function() calls = calls + 1 one:close() two:close() collect() end)
        two = reloader:subscribe("**", function() calls = calls + 10 end)
        three = reloader:observe(function() three:close() three = nil collect() end)
        local validator
        validator = reloader:validate{name = "v", prepare = function() validator:close() collect() end,
            commit = function() calls = calls + 100 end}
        change(volume, "2")
        support.wait(reloader, function() return calls > 0 end)
        equal(calls, 1)
        equal(reloader:status().subscriptions, 0)
    end,

    "snapshots, cursors and updates outlive all", function()
        local reloader, volume = follow()
        local snapshot, update, before = reloader:snapshot(), nil, nil
        local next_entry, cursor = snapshot:pairs()
        reloader:subscribe("**", function(told) update = told before = told:before() end)
        change(volume, "2")
        support.wait(reloader, function() return update end)
        reloader:close()
        reloader = nil
        collect()
        equal(snapshot:get("a.yaml#n"), 1)
        equal(before:get("a.yaml#n"), 1)
        equal(update.changes[1].new, 2)
        raises("is over", update.after, update)
        snapshot:close()
        snapshot = nil
        collect()
        equal(next_entry(cursor), "a.yaml#n")
        next_entry, cursor = nil, nil
        collect()
    end,

    "opened in a coroutine that is collected", function()
        local reloader, volume, calls = nil, nil, 0
        assert(is_collected(function()
            local thread = coroutine.create(function()
                reloader, volume = follow()
                reloader:subscribe("**", function() calls = calls + 1 coroutine.running() end)
                coroutine.yield()
            end)
            assert(coroutine.resume(thread))
            return thread
        end))
        for _ = 1, 100 do
            coroutine.wrap(function() local _ = ("x"):rep(1000) end)()
        end
        change(volume, "2")
        support.wait(reloader, function() return calls == 1 end)
    end,

    "dispatched in a coroutine that is abandoned", function()
        local reloader, volume, calls = nil, nil, 0
        reloader, volume = follow()
        reloader:subscribe("**", function() calls = calls + 1 end)
        for i = 2, 4 do
            change(volume, i)
            local thread = coroutine.create(function()
                support.wait(reloader, function() return calls == i - 1 end)
                coroutine.yield()
            end)
            assert(coroutine.resume(thread))
            thread = nil
            collect()
        end
    end,

    "collected inside of another one's callback", function()
        local reloader, volume = follow()
        local other = follow()
        local called
        other:subscribe("**", print)
        reloader:subscribe("**", function()
            other = nil
            collect()
            called = true
        end)
        change(volume, "2")
        support.wait(reloader, function() return called end)
    end,

    "the program ends in a callback", function()
        -- Closing the state, where that can be asked for: in 5.4, and LuaJIT.
        support.write("exit.lua", [[
            local cmreload = require "cmreload"
            local reloader = cmreload.open("]] .. select(2, follow()) .. [[")
            reloader:subscribe("**", function() os.exit(7, true) end, {initial = true})
            reloader:subscribe("**", print, {initial = true})
            reloader:load(60)
        ]])
        local interpreter = arg[-1]
        local result, _, code = os.execute(interpreter .. " exit.lua >exit.out 2>&1")
        assert(result == 7 * 256 or code == 7, tostring(result) .. " " .. tostring(code))
    end,

    "<close> of Lua 5.4", function()
        local compile = loadstring or load
        local chunk = compile([[
            local reloader, volume, raises = ...
            do
                local snapshot <close> = reloader:snapshot()
                local registration <close> = reloader:subscribe("**", print)
                assert(reloader:status().subscriptions == 1)
            end
            assert(reloader:status().subscriptions == 0)
            local iterator, cursor
            for key in reloader:snapshot():pairs() do break end
            do local scoped <close> = reloader end
            assert(reloader:is_closed())
            return true
        ]])
        if chunk then
            equal(chunk(follow()), true)
        end
    end,

    "left open until the state is closed", function()
        local reloader, volume = follow{log = function() end, background = true, state_dir = "kept"}
        left.reloader = reloader
        left.registration = reloader:subscribe("**", function() return reloader end, {enum = {"a", "b"}, lenient = true})
        left.snapshot = reloader:snapshot()
        left.next, left.cursor = left.snapshot:pairs()
        left.next(left.cursor)
        reloader:validate{name = "v", prepare = function() end}
        change(volume, "2")
        support.wait(reloader, function() return reloader:snapshot():generation() == 2 end)
        left.thread = coroutine.create(function()
            left.other = follow()
            left.other:subscribe("**", function() coroutine.yield() end, {initial = true, type = "int64"})
            coroutine.yield()
        end)
        assert(coroutine.resume(left.thread))
        reloader:subscribe("**", function() error(reloader) end, {initial = true})
        pcall(reloader.dispatch, reloader)
    end,
}
