using System.Collections.Concurrent;
using System.Formats.Tar;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Machines;

/// <summary>Commands and files on machines.</summary>
public sealed partial class MachineCmdletTests
{
    [Fact]
    public void Invoke_KlVmCommand_writes_lines_as_objects_and_an_error_for_the_machine_that_failed()
    {
        var hosts = new FakeHosts((name, command) =>
        {
            Assert.Equal(["-s", "--", "a b"], command.Arguments);
            Assert.Contains("uptime", System.Text.Encoding.UTF8.GetString(command.Input!.Value.Span), StringComparison.Ordinal);
            return name == "lab-1" ? new(0, "up\n", "") : new(7, "", "broken");
        });
        var run = Shell.Run("New-KlVm lab -Count 2 | Invoke-KlVmCommand uptime -ArgumentList 'a b'; $LASTEXITCODE; $Error[0].Exception.ExitCode; "
            + "Get-KlVm lab-1 | Invoke-KlVmCommand uptime -ArgumentList 'a b'; $LASTEXITCODE", Engine(hosts: hosts));
        var (up, broken) = (new MachineLine("lab-1", "up", false), new MachineLine("lab-2", "broken", true));
        Assert.Equal([up, broken], run.Output.Take(2).OfType<MachineLine>().OrderBy(line => line.Machine));
        Assert.Equal([7, 7, up, 0], run.Output.Skip(2));
        var error = Assert.Single(run.Errors);
        Assert.Equal(("CommandFailed,KubeLab.Cmdlets.Machines.InvokeKlVmCommand", "lab-2"), (error.FullyQualifiedErrorId, error.TargetObject));
        Assert.Contains("broken", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-KlVm lab | Copy-KlItem $file /opt/tools")]
    [InlineData("Copy-KlItem $file /opt/tools -ToVm LAB-1, lab-2")]
    public void Copy_KlItem_copies_to_piped_and_named_machines(string script)
    {
        var received = new ConcurrentDictionary<string, string>();
        var hosts = new FakeHosts((name, command) =>
        {
            Assert.Equal(["/opt/tools", "file"], command.Arguments.Skip(3).Take(2));
            using var tar = new TarReader(command.InputStream!);
            received[name] = new StreamReader(tar.GetNextEntry()!.DataStream!).ReadToEnd();
            return name == "lab-1" ? new(0, "", "") : new(1, "", "the disk is full\n");
        });
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "text");
        var run = Shell.Run($"$null = New-KlVm lab -Count 2; {script}", Engine(hosts: hosts), new Dictionary<string, object?> { ["file"] = file });
        Assert.Equal([("lab-1", "text"), ("lab-2", "text")], received.Select(one => (one.Key, one.Value)).Order());
        var error = Assert.Single(run.Errors);
        Assert.Equal(("CopyFailed,KubeLab.Cmdlets.Pods.CopyKlItem", "lab-2"), (error.FullyQualifiedErrorId, error.TargetObject));
        Assert.Contains("the disk is full", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Copy_KlItem_distinguishes_pods_from_machines() => Assert.Contains("to /tmp\" on target \"web-1\"",
        Shell.Run("[pscustomobject]@{ Name = 'web-1' } | Copy-KlItem here /tmp -WhatIf", Engine()).Screen, StringComparison.Ordinal);

    [Fact]
    public void Copy_KlItem_copies_from_a_machine()
    {
        var hosts = new FakeHosts((_, command) =>
        {
            Assert.Equal("tar -cf - -C /var/log -- syslog", command.ToString());
            using var archive = new MemoryStream();
            using (var tar = new TarWriter(archive, leaveOpen: true))
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "syslog") { DataStream = new MemoryStream("line"u8.ToArray()) });
            command.OutputBytes!(archive.ToArray());
            return new(0, "", "");
        });
        var run = Shell.Run("$null = New-KlVm lab; Copy-KlItem /var/log/syslog $folder -FromVm lab-1; Copy-KlItem /var/log/syslog $folder -FromVm lab-2",
            Engine(hosts: hosts), new Dictionary<string, object?> { ["folder"] = _folder.Path });
        Assert.Equal("line", File.ReadAllText(Assert.Single(run.As<FileInfo>()).FullName));
        Assert.StartsWith("MachineNotFound,", Assert.Single(run.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
