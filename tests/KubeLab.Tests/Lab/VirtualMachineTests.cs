using System.Globalization;

namespace KubeLab.Tests.Lab;

/// <summary>Faults that need a kernel, a clock or power of its own.</summary>
[Collection(LabCollection.Name), Trait("Needs", "Lab")]
public sealed class VirtualMachineTests(VirtualMachine machine) : IClassFixture<VirtualMachine>
{
    // What a fault could leave behind. An empty table of iptables has no effect.
    private const string State = """
        for program in iptables-save ip6tables-save; do $program | sed -n '/^-/p; /KUBELAB/p'; done; tc qdisc show; cat /proc/sys/kernel/panic
        systemctl list-units --all --plain --no-legend "kubelab*"; systemctl --failed --plain --no-legend
        ls /run/kubelab/faults 2>/dev/null | grep -v "^lock$"
        find /etc /sys/fs/cgroup -name "*kubelab-fault*"; grep -l "^State:.T" /proc/[0-9]*/status; true
        """;

    [Fact]
    public async Task A_crashed_machine_boots_again_and_its_recovery_includes_the_boot()
    {
        var lines = await machine.RunAsync("""
            $boot = 'cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/panic'
            $vm | Invoke-KlVmCommand $boot | ForEach-Object Line
            $fault = $vm | Start-KlFault NodeCrash -For 2.5s -Wait -Timeout 10m
            "$($fault.State) $($fault.Ended -ge $fault.Started.AddSeconds(2)) $($fault.Recovery -gt [timespan]::FromSeconds(1))"
            $vm | Invoke-KlVmCommand $boot | ForEach-Object Line
            "active: $(@(Get-KlFault -Lab vm).Count)"
            """);
        Assert.Equal(6, lines.Length);
        Assert.NotEqual(lines[0], lines[3]);
        Assert.Equal(lines[1], lines[4]);
        Assert.Equal(("Ended True True", "active: 0"), (lines[2], lines[5]));
    }

    [Fact]
    public async Task A_clock_is_wrong_until_the_fault_ends()
    {
        var lines = await AsBeforeAsync("""
            $seconds = { [long] ($vm | Invoke-KlVmCommand 'date +%s').Line - [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() }
            $difference = & $seconds
            $fault = $vm | Start-KlFault ClockSkew -By 2h -For 10m
            (& $seconds) - $difference
            $fault | Stop-KlFault | Out-Null
            (& $seconds) - $difference
            """);
        // The commands themselves take time.
        var (skewed, restored) = (int.Parse(lines[0], CultureInfo.InvariantCulture), int.Parse(lines[1], CultureInfo.InvariantCulture));
        Assert.InRange(skewed, 6000, 8400);
        Assert.InRange(restored, -1200, 1200);
    }

    [Fact]
    public async Task Outgoing_packets_are_delayed()
    {
        const string Ping = "$vm | Invoke-KlVmCommand 'ping -qn -c 5 -i 0.2 10.0.2.2' | ForEach-Object Line | Where-Object { $_ -match '= ([0-9.]+)/' } | "
            + "ForEach-Object { $Matches[1] }";
        var lines = await AsBeforeAsync($$"""
            {{Ping}}
            $fault = $vm | Start-KlFault NetworkDelay -Delay 400ms -For 10m
            {{Ping}}
            $fault | Stop-KlFault | Out-Null
            """);
        // The shortest of five round trips, in milliseconds.
        Assert.True(double.Parse(lines[0], CultureInfo.InvariantCulture) < 400, lines[0]);
        Assert.True(double.Parse(lines[1], CultureInfo.InvariantCulture) >= 400, lines[1]);
    }

    [Fact]
    public async Task A_paused_machine_does_nothing_until_it_continues()
    {
        var lines = await AsBeforeAsync("""
            $vm | Invoke-KlVmCommand 'systemd-run -q --unit beat sh -c "while date +%s >>/run/beats; do sleep 0.2; done"'
            $vm | Start-KlFault NodePause -For 6s -Wait -Timeout 10m | Out-Null
            ($vm | Invoke-KlVmCommand @'
            systemctl stop beat
            awk 'NR > 1 && $1 - last > longest { longest = $1 - last } { last = $1 } END { print longest }' /run/beats
            rm /run/beats
            '@).Line
            """);
        Assert.InRange(int.Parse(lines[0], CultureInfo.InvariantCulture), 4, 600);
    }

    // Runs a script, and asserts that it leaves nothing behind.
    private async Task<string[]> AsBeforeAsync(string script)
    {
        var lines = await machine.RunAsync($$"""
            $state = @'
            {{State}}
            '@
            $before = ($vm | Invoke-KlVmCommand $state).Line -join "`n"
            {{script}}
            $after = ($vm | Invoke-KlVmCommand $state).Line -join "`n"
            if ($after -ne $before) { throw "before: $before`nafter: $after" }
            """);
        return lines;
    }
}
