using System.IO.Compression;
using System.Text.Json.Nodes;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Pipeline;

/// <summary>The package for the PowerShell Gallery.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task The_package_is_complete_and_is_installed_from_a_repository()
    {
        using var folder = new Folder();
        var package = await ShellProcess.RunAsync("-NoProfile", "-File", "packaging/package.ps1", "-Destination", folder.Path);
        Assert.True(package.Code == 0, package.Output + package.Error);

        using var zip = await ZipFile.OpenReadAsync(Path.Combine(folder.Path, "KubeLab.0.1.0.nupkg"));
        Assert.DoesNotContain(zip.Entries, entry => Path.GetExtension(entry.Name) is ".pdb" or ".cs" or ".config");
        string[] expected =
        [
            "KubeLab.psd1", "LICENSE", "Module/KubeLab.Format.ps1xml", "Module/en-US/KubeLab.dll-Help.xml", "en-US/about_KubeLab.help.txt",
            "examples/mediawiki/web/Dockerfile",
        ];
        Assert.Empty(expected.Except(zip.Entries.Select(entry => entry.FullName)));
        var parts = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "KubeLab.0.1.0.cdx.json")))!["components"]!.AsArray();
        // Each library of the package except those of KubeLab.
        Assert.Equal(zip.Entries.Count(entry => entry.FullName.StartsWith("Module/Dependencies/", StringComparison.Ordinal)) - 1, parts.Count);
        Assert.All(await File.ReadAllLinesAsync(Path.Combine(folder.Path, "KubeLab.0.1.0.sha256")), line => Assert.Matches("^[0-9a-f]{64}  KubeLab", line));

        var home = Directory.CreateDirectory(Path.Combine(folder.Path, "home")).FullName;
        var run = await ShellProcess.RunAsync($$"""
            Remove-Module KubeLab
            Register-PSResourceRepository local '{{folder.Path}}' -Trusted
            Install-PSResource KubeLab -Repository local
            $module = Import-Module KubeLab -PassThru
            if ($module.Path -notlike '{{home}}*') { throw "$($module.Path) was imported." }
            $help = Get-Help New-KlVm
            "$($module.Version) $((Get-Command -Module KubeLab -CommandType Cmdlet).Count) $($help.Synopsis)"
            New-KlVm wanted -WhatIf
            """, new Dictionary<string, string?> { ["HOME"] = home, ["XDG_DATA_HOME"] = null, ["PSModulePath"] = null });
        Assert.True(run.Code == 0, run.Output + run.Error);
        var manifest = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "KubeLab.psd1"));
        Assert.StartsWith($"0.1.0 {manifest.Split('\n').Count(line => line.StartsWith("    '", StringComparison.Ordinal))} Creates machines", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("wanted", run.Output, StringComparison.Ordinal);
    }
}
