-- SPDX-License-Identifier: MIT
--
-- What the Lua tests share. They are run in an empty folder, with the tool's path as their first argument; one that
-- fails raises.
local support = {}

local tool = arg[1]
local volumes = 0

-- Runs a shell command.
function support.run(command)
    local result = os.execute(command)
    assert(result == true or result == 0, command)
end

function support.write(path, text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
end

-- Makes the volume hold these files, as the kubelet does. One process, since valgrind forks slowly.
function support.apply(volume, files)
    local command = tool .. " apply " .. volume
    for name, text in pairs(files) do
        support.write(volume .. "-" .. name, text)
        command = command .. string.format(" --from-file=%s=%s-%s", name, volume, name)
    end
    support.run(command .. " >apply.out")
end

-- The name of a new volume that holds these.
function support.volume(files)
    volumes = volumes + 1
    local name = "v" .. volumes
    support.apply(name, files)
    return name
end

-- A reloader of a new volume, loaded; and the volume's name.
function support.load(files, options)
    local cmreload = require "cmreload"
    local volume = support.volume(files)
    local reloader = assert(cmreload.open(volume, options))
    assert(reloader:load(60))
    return reloader, volume
end

-- Waits until the function returns a true value, and returns that.
function support.wait(reloader, condition)
    local deadline = os.time() + 60
    while not condition() do
        assert(os.time() < deadline, "it did not come")
        reloader:wait(1)
    end
    return condition()
end

function support.equal(value, wanted)
    if value ~= wanted then
        error("wanted " .. tostring(wanted) .. ", found " .. tostring(value), 2)
    end
end

-- That the function raises an error that has this text in it.
function support.raises(text, f, ...)
    local ok, message = pcall(f, ...)
    if ok or not tostring(message):find(text, 1, true) then
        error("wanted the error '" .. text .. "', found " .. (ok and "none" or tostring(message)), 2)
    end
    return message
end

-- That the results are nil, a message with this text, and that status.
function support.fails(status, text, value, message, name)
    if value ~= nil or name ~= status or not message:find(text, 1, true) then
        error(string.format("wanted nil, '%s', %s; found %s, %s, %s", text, status, tostring(value),
            tostring(message), tostring(name)), 2)
    end
end

-- Collects all garbage, and what only finalizers kept.
function support.collect()
    for _ = 1, 4 do
        collectgarbage()
    end
end

-- Runs the tests in their order.
function support.tests(list)
    for i = 1, #list, 2 do
        local ok, message = xpcall(list[i + 1], debug.traceback)
        if not ok then
            error(list[i] .. ": " .. message, 0)
        end
        print("ok: " .. list[i])
    end
end

return support
