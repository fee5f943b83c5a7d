# Creates the package for the PowerShell Gallery, its software bill of materials and their checksums. Requires a build.
# The package contains only IL, which runs on every platform; a build has code for the processor of its computer.
#Requires -Version 7.6
param([string] $Destination = "$PSScriptRoot/../TestResults/package")
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$root = (Get-Item $PSScriptRoot).Parent.FullName
$manifest = Import-PowerShellDataFile "$root/KubeLab.psd1"
$version = $manifest.ModuleVersion
$work = New-Item -ItemType Directory -Path ([IO.Path]::GetTempPath()) -Name "kubelab-package-$([guid]::NewGuid())"
try {
    $module = New-Item -ItemType Directory -Path $work -Name KubeLab
    dotnet msbuild "$root/src/KubeLab/KubeLab.csproj" -nologo -v:q -nr:false -t:Publish -p:Configuration=Release -p:NoBuild=true -p:PublishReadyToRun=false `
        "-p:PublishDir=$work/publish/"
    New-Item -ItemType Directory -Path "$module/Module/Dependencies" | Out-Null
    Move-Item "$work/publish/KubeLab.dll" "$module/Module"
    Move-Item "$work/publish/*.dll" "$module/Module/Dependencies"
    Copy-Item "$root/Module/*.ps1xml", "$root/Module/en-US" "$module/Module" -Recurse
    Copy-Item "$root/KubeLab.psd1", "$root/LICENSE", "$root/README.md", "$root/CHANGELOG.md" $module
    Copy-Item "$root/en-US", "$root/examples" $module -Recurse

    New-Item -ItemType Directory -Path $Destination -Force | Out-Null
    Push-Location $root
    try {
        # The libraries of the last restore, except those that only the compiler needs.
        dotnet tool run dotnet-CycloneDX src/KubeLab/KubeLab.csproj -dpr -ef PowerShellStandard.Library,NETStandard.Library,Microsoft.NETCore.Platforms `
            -sn KubeLab -sv $version -F Json -o $Destination -fn "KubeLab.$version.cdx.json" | Out-Null
    }
    finally { Pop-Location }
    Compress-PSResource -Path $module -DestinationPath $Destination
    Push-Location $Destination
    try {
        # The format of sha256sum --check.
        Get-Item "KubeLab.$version.*" -Exclude *.sha256 | ForEach-Object {
            '{0}  {1}' -f (Get-FileHash $_ -Algorithm SHA256).Hash.ToLowerInvariant(), $_.Name
        } | Set-Content "KubeLab.$version.sha256"
    }
    finally { Pop-Location }
    Get-Item "$Destination/KubeLab.$version.*"
}
finally { Remove-Item $work -Recurse -Force }
