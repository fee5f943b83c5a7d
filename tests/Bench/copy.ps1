# A file of 100 MB to eight machines at a time, and from one machine: Copy-KlItem against scp and rsync, by turns. Programs that are not installed are not
# compared. Every copy is compared with the file. Creates and removes a lab named bench.
param([int] $Count = 8, [int] $Megabytes = 100, [int] $Rounds = 5)
$ErrorActionPreference = 'Stop'
& "$PSScriptRoot/../Demo/lab.ps1"
Import-Module ./KubeLab.psd1
. "$PSScriptRoot/measure.ps1"
if (Get-KlVm | Where-Object Lab -EQ bench) { throw 'The benchmark creates and removes a lab named bench. Remove your machines of this name first.' }

$work = [IO.Directory]::CreateTempSubdirectory('kubelab-bench-').FullName
try {
    $lab = New-KlVm bench -Count $Count
    $configuration = New-SshConfiguration $lab $work
    Invoke-Program bash -c 'head -c "$2"M /dev/urandom >"$1"' bash "$work/file" $Megabytes
    $hash = (Get-FileHash "$work/file").Hash
    [IO.File]::WriteAllLines("$work/hosts", [string[]] @($lab | ForEach-Object Name))
    $remote = '/var/tmp/copy'
    $each = '-a', "$work/hosts", "-P$Count", '-I{}'
    $to = @{
        What  = "to $Count machines"
        Ways  = [ordered] @{
            KubeLab = { $lab | Copy-KlItem "$work/file" $remote }
            scp     = { Invoke-Program xargs @each scp -q -F $configuration "$work/file" "{}:$remote" }
            rsync   = { Invoke-Program xargs @each rsync -e "ssh -F $configuration" "$work/file" "{}:$remote" }
        }
        # Returns the checksums of the copies and removes them.
        Check = { ($lab | Invoke-KlVmCommand "sha256sum $remote; rm $remote").Line -replace ' .*' }
        Count = $Count
    }
    $from = @{
        What  = 'from a machine'
        Ways  = [ordered] @{
            KubeLab = { Copy-KlItem $remote "$work/copy" -FromVm $lab[0].Name }
            scp     = { Invoke-Program scp -q -F $configuration "$($lab[0]):$remote" "$work/copy" }
            rsync   = { Invoke-Program rsync -e "ssh -F $configuration" "$($lab[0]):$remote" "$work/copy" }
        }
        Check = { (Get-FileHash "$work/copy").Hash; Remove-Item "$work/copy" }
        Count = 1
    }
    # rsync runs on the machines, too.
    if (Get-Command rsync -CommandType Application -ErrorAction Ignore) { $lab | Invoke-KlVmCommand 'apt-get update && apt-get install -y rsync' | Out-Null }
    else { $to.Ways.Remove('rsync'); $from.Ways.Remove('rsync'); Write-Result 'rsync is not installed and is not compared.' }
    $missed = foreach ($direction in $to, $from) {
        $seconds = [ordered] @{}
        foreach ($one in $direction.Ways.Keys) { $seconds[$one] = @() }
        # The first round fills caches and opens connections.
        foreach ($round in 0..$Rounds) {
            foreach ($one in $direction.Ways.Keys) {
                $elapsed = Measure-Seconds $direction.Ways[$one]
                $copies = @(& $direction.Check)
                if (@($copies -eq $hash).Count -ne $direction.Count) { throw "A copy by $one differs: $copies" }
                if ($round) { $seconds[$one] += $elapsed }
            }
        }
        Write-Comparison "$Megabytes MB $($direction.What)" $seconds 1
        $lab[0] | Copy-KlItem "$work/file" $remote
    }
}
finally {
    Get-KlVm bench-* | Remove-KlVm -Confirm:$false
    [IO.Directory]::Delete($work, $true)
}
if ($missed) { exit 1 }
