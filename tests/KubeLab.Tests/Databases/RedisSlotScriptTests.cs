using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Docker;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Databases;

/// <summary>The part of the image of Redis that moves slots, in bash.</summary>
public sealed class RedisSlotScriptTests
{
    [Theory]
    [InlineData("a 0-5460\nb 5461-10921\nc 10922-16383\nd -", "1365 a d\n1365 b d\n1366 c d")]
    [InlineData("a 0-5460\nb 5461-10921\nc 10922-16383\nd -\ne -", "1091 a e\n1093 a d\n2184 b d\n2185 c e")]
    [InlineData("a 0,2-16383\nb 1", "8191 a b")]
    [InlineData("a 0-5460\nb 5461-10922\nc 10923-16383", "")]
    [InlineData("a 0-4999\nb 5000-5460,10923-16383\nc 5461-10922", "460 b a\n1 c a")]
    public async Task The_slots_are_divided_equally_and_no_slot_moves_without_need(string owners, string moves)
    {
        var names = string.Join(' ', owners.Split('\n').Select(line => line[0]));
        var lines = (await RunAsync($$"""
            nodes() { awk '{ print "id", $1, "master", "-", $2 }' <<<'{{owners}}'; }
            moves {{names}}
            """)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToList();

        Assert.Equal(lines.Count, lines.Select(line => line[2]).Distinct().Count());
        Assert.Equal(moves.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(),
            lines.GroupBy(line => $"{line[0]} {line[1]}").Select(group => $"{group.Count()} {group.Key}").Order());
    }

    [Fact]
    public async Task The_new_owner_hears_of_a_slot_first_and_keys_may_contain_any_bytes() => Assert.Equal("""
        to.net: cluster setslot 7 importing id-from
        to.net: cluster setslot 9 importing id-from
        from.net: cluster setslot 7 migrating id-to
        from.net: cluster setslot 9 migrating id-to
        from.net: migrate to.net 6379 "" 0 60000 auth "a\"b\\c" keys "plain" "1) \"\n\xff"
        from.net: migrate to.net 6379 "" 0 60000 auth "a\"b\\c" keys "other"
        to.net: cluster setslot 7 node id-to
        to.net: cluster setslot 9 node id-to
        from.net: cluster setslot 7 node id-to
        from.net: cluster setslot 9 node id-to
        third.net: cluster setslot 7 node id-to
        third.net: cluster setslot 9 node id-to

        """, await RunAsync("""
        fail() { echo "$*"; exit 1; }
        timeout() { "${@:2}"; }
        ask_member() { echo "id-$1"; }
        redis-cli() {
          if [[ $1 == --no-raw ]]; then
            cat >/dev/null
            if [[ -e moved ]]; then printf '(empty array)\n%.0s' 1 2; else printf '%s\n' '1) "plain"' '2) "1) \"\n\xff"' '1) "other"'; fi
          else
            tr -d '\r' | sed "s/^/$2: /" >>sent
            [[ ! -e moved && $(tail -1 sent) == *migrate* ]] || return 0
            touch moved
            printf 'OK\nNOKEY\n'
          fi
        }
        primaries=(from third to)
        move from to 7 9
        awk '!seen[$0]++' sent
        """));

    [Theory]
    [InlineData("printf '(empty array)\n'")]
    [InlineData("printf '(empty array)\n(error) CLUSTERDOWN\n'")]
    [InlineData("printf '(empty array)\n(empty array)\n'; return 1")]
    public async Task A_slot_is_not_assigned_unless_its_keys_are_known(string answers) => Assert.Equal("The keys of the slots could not be read.\n",
        await RunAsync($$"""
            fail() { echo "$*"; exit 0; }
            timeout() { "${@:2}"; }
            ask_member() { echo "id-$1"; }
            redis-cli() {
              if [[ $1 == --no-raw ]]; then cat >/dev/null; {{answers}}; else ! grep node; fi
            }
            primaries=(from to)
            move from to 7 9
            echo assigned
            """));

    private static async Task<string> RunAsync(string commands)
    {
        using var folder = new Folder();
        var script = EmbeddedFiles.Read("database/redis/").Single(file => file.Name == "cluster").Content;
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "cluster"), script);
        var result = await Cli.Wrap("bash").WithArguments(["-euo", "pipefail", "-s"]).WithWorkingDirectory(folder.Path)
            .WithEnvironmentVariables(all => all.Set("DB_DOMAIN", "net").Set("DB_PASSWORD", "a\"b\\c"))
            .WithStandardInputPipe(PipeSource.FromString($". ./cluster\n{commands}\n")).ExecuteBufferedAsync();
        return result.StandardOutput;
    }
}
